// The server's clock, in microseconds since 1970.
WITH datetime.realtime() AS now
RETURN now.epochSeconds * 1000000 + now.microsecond AS now
