// A page of customers by id.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end
  AND n._dead IS NULL
  AND all(word IN $p.words WHERE n.words CONTAINS word)
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
