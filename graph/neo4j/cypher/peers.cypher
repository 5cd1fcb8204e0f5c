// A page of those who work here by id, with what costs compare people with and how far they travel.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end AND n._dead IS NULL
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n.id AS id, n.skills AS skills, n.region AS region, n.capacity AS capacity, n.paid_weeks AS paid_weeks
