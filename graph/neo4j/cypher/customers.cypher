// A page of customers by id.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $first AND n.id < $end
  AND n._dead IS NULL
  AND all(word IN $words WHERE n.words CONTAINS word)
WITH n ORDER BY n.id LIMIT $limit
RETURN n AS record
