// A page of commands by id.
MATCH (c:Command)
USING INDEX SEEK c:Command(id)
WHERE c.id > $after
WITH c ORDER BY c.id LIMIT $limit
RETURN c
