// An expert's open tickets by what is shown of them.
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
WHERE t.shown IN $p.shown AND ($p.customer IS NULL OR t.customer = $p.customer)
RETURN t.shown AS shown, count(*) AS n
