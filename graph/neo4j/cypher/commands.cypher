// A page of commands by id.
MATCH (c:Command)
USING INDEX SEEK c:Command(id)
WHERE c.id > $p.after
WITH c ORDER BY c.id LIMIT $p.limit
RETURN c
