// The newest messages.
MATCH (n:Message)
USING INDEX SEEK n:Message(at, id)
WHERE n.at > 0 AND n.id > ''
  AND ($p.customer IS NULL OR n.customer = $p.customer)
  AND ($p.expert IS NULL OR n.expert = $p.expert)
WITH n ORDER BY n.at DESC, n.id DESC LIMIT $p.limit
RETURN n AS record
