// A page of a region's experts by id.
MATCH (n:Expert {region: $p.region})
USING INDEX SEEK n:Expert(region)
WHERE n.id >= $p.first AND n.id < $p.end
  AND n._dead IS NULL
  AND all(word IN $p.words WHERE n.words CONTAINS word)
  AND ($p.skills IS NULL OR any(id IN n._skills WHERE id IN $p.skills))
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
