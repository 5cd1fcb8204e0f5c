// Forgets commands, oldest first.
MATCH (c:Command)
USING INDEX SEEK c:Command(at)
WHERE c.at < $p.before
WITH c ORDER BY c.at LIMIT $p.limit
DELETE c
RETURN count(*) AS forgotten
