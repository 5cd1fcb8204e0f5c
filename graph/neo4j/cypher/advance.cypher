// Moves a consumer's cursor forward.
MERGE (c:Cursor {consumer: $p.consumer})
SET c._lock = $p.tag
WITH collect(c) AS locked
UNWIND locked AS c
SET c.seq = CASE WHEN c.seq > $p.seq THEN c.seq ELSE $p.seq END
