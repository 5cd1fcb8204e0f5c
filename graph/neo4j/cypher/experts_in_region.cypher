// A page of a region's experts by id.
MATCH (n:Expert {region: $region})
USING INDEX SEEK n:Expert(region)
WHERE n.id >= $first AND n.id < $end
  AND n._dead IS NULL
  AND all(word IN $words WHERE n.words CONTAINS word)
  AND ($skills IS NULL OR any(id IN n._skills WHERE id IN $skills))
WITH n ORDER BY n.id LIMIT $limit
RETURN n AS record
