// How far a consumer has come.
MATCH (c:Cursor {consumer: $p.consumer})
USING INDEX SEEK c:Cursor(consumer)
RETURN c.seq AS seq
