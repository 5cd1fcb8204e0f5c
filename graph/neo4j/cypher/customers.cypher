// A page of customers by id.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $first AND n.id < $end
  AND n._dead IS NULL
  AND ($words IS NULL OR n.words CONTAINS $words)
WITH n ORDER BY n.id LIMIT $limit
RETURN n AS record
