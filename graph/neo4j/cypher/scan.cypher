// A page of the records of one kind by id: ids of a kind share a prefix.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
