// A page of the customers whose tickets an expert is assigned to or was offered, by id.
CALL () {
  MATCH (a:Assignment)
  USING INDEX SEEK a:Assignment(expert, state)
  WHERE a.expert = $p.expert AND a.state IN ['active', 'done']
  RETURN a.ticket AS id
  UNION
  MATCH (o:Offer)
  USING INDEX SEEK o:Offer(expert, state)
  WHERE o.expert = $p.expert AND o.state = 'open'
  RETURN o.ticket AS id
}
MATCH (t:Entity {id: id})
USING INDEX SEEK t:Entity(id)
WITH DISTINCT t.customer AS customer
MATCH (n:Entity {id: customer})
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end
  AND n._dead IS NULL
  AND all(word IN $p.words WHERE n.words CONTAINS word)
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
