// Numbered events by number.
MATCH (e:Event)
USING INDEX SEEK e:Event(seq)
WHERE e.seq > $seq
WITH e ORDER BY e.seq LIMIT $limit
RETURN e AS event
