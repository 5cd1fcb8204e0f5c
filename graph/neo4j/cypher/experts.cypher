// A page of experts by id. Whether one has a skill is asked of the expert: the skill is a hub.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end
  AND n._dead IS NULL
  AND all(word IN $p.words WHERE n.words CONTAINS word)
  AND ($p.skills IS NULL OR any(id IN n._skills WHERE id IN $p.skills))
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
