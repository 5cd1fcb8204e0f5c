// A page of experts by id. Whether one has a skill is asked of the expert: the skill is a hub.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $first AND n.id < $end
  AND n._dead IS NULL
  AND all(word IN $words WHERE n.words CONTAINS word)
  AND ($skills IS NULL OR any(id IN n._skills WHERE id IN $skills))
WITH n ORDER BY n.id LIMIT $limit
RETURN n AS record
