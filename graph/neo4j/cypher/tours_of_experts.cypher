// Tours of some experts that overlap a span, by start and id.
UNWIND $p.experts AS expert
MATCH (n:Tour)
USING INDEX SEEK n:Tour(expert, end)
WHERE n.expert = expert AND n.end > $p.from AND n.start < $p.to AND n._dead IS NULL
WITH n ORDER BY n.start, n.id LIMIT $p.limit
RETURN n AS record
