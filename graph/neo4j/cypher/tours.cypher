// Tours that overlap a span, by start and id.
MATCH (n:Tour)
USING INDEX SEEK n:Tour(end)
WHERE n.end > $p.from AND n.start < $p.to AND n._dead IS NULL
WITH n ORDER BY n.start, n.id LIMIT $p.limit
RETURN n AS record
