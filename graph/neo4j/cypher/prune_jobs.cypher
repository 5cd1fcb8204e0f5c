// Forgets commands of jobs, oldest first.
MATCH (c:Job)
USING INDEX SEEK c:Job(at)
WHERE c.at < $p.before
WITH c ORDER BY c.at LIMIT $p.limit
DELETE c
RETURN count(*) AS forgotten
