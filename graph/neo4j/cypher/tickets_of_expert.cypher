// A page of the tickets that all of some experts are assigned to or were offered, most urgent first.
UNWIND $p.experts AS expert
CALL (expert) {
  MATCH (a:Assignment)
  USING INDEX SEEK a:Assignment(expert, state)
  WHERE a.expert = expert AND a.state IN ['active', 'done']
  RETURN a.ticket AS id
  UNION
  MATCH (o:Offer)
  USING INDEX SEEK o:Offer(expert, state)
  WHERE o.expert = expert AND o.state = 'open'
  RETURN o.ticket AS id
}
WITH id, count(DISTINCT expert) AS theirs
WHERE theirs = size($p.experts)
MATCH (t:Entity {id: id})
USING INDEX SEEK t:Entity(id)
WHERE t.shown IN $p.shown AND t.priority_rank IN $p.ranks
  AND (t.priority_rank > $p.rank OR t.priority_rank = $p.rank AND (t.due_at > $p.due OR t.due_at = $p.due AND t.id > $p.id))
  AND ($p.customer IS NULL OR t.customer = $p.customer)
  AND ($p.region IS NULL OR t.region = $p.region)
  AND ($p.mark IS NULL OR t.exception_marks CONTAINS $p.mark)
  AND ($p.since IS NULL OR t.created_at >= $p.since)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
