// A page of the tickets that all of some experts are assigned to or were offered, most urgent first.
UNWIND $experts AS expert
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
WHERE theirs = size($experts)
MATCH (t:Entity {id: id})
USING INDEX SEEK t:Entity(id)
WHERE t.shown IN $shown AND t.priority_rank IN $ranks
  AND (t.priority_rank > $rank OR t.priority_rank = $rank AND (t.due_at > $due OR t.due_at = $due AND t.id > $id))
  AND ($customer IS NULL OR t.customer = $customer)
  AND ($region IS NULL OR t.region = $region)
  AND ($since IS NULL OR t.created_at >= $since)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $limit
RETURN t AS ticket
