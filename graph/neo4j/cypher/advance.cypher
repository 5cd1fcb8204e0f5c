// Moves a consumer's cursor forward.
MERGE (c:Cursor {consumer: $consumer})
SET c._lock = $tag
WITH collect(c) AS locked
UNWIND locked AS c
SET c.seq = CASE WHEN c.seq > $seq THEN c.seq ELSE $seq END
