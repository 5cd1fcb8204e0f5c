// How far each consumer has come.
MATCH (c:Cursor)
USING INDEX SEEK c:Cursor(consumer)
WHERE c.consumer >= ''
RETURN c.consumer AS consumer, c.seq AS seq
