// Numbered events by number.
MATCH (e:Event)
USING INDEX SEEK e:Event(seq)
WHERE e.seq > $p.seq
WITH e ORDER BY e.seq LIMIT $p.limit
RETURN e AS event
