// Tours of some experts that overlap a span, by start and id.
UNWIND $experts AS expert
MATCH (n:Tour)
USING INDEX SEEK n:Tour(expert, end)
WHERE n.expert = expert AND n.end > $from AND n.start < $to AND n._dead IS NULL
WITH n ORDER BY n.start, n.id LIMIT $limit
RETURN n AS record
