// An aggregate's events by revision, and the aggregate itself for what a scope asks of it.
OPTIONAL MATCH (root:Entity {id: $p.id})
USING INDEX SEEK root:Entity(id)
CALL (root) {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(aggregate, rev)
  WHERE e.aggregate = $p.id AND e.rev >= 1
  WITH e ORDER BY e.aggregate, e.rev
  RETURN collect(e) AS events
}
CALL (root) {
  OPTIONAL MATCH (a:Assignment {ticket: $p.id})
  USING INDEX SEEK a:Assignment(ticket)
  WHERE a.state IN ['active', 'done']
  RETURN collect(a.expert) AS assigned
}
CALL (root) {
  OPTIONAL MATCH (o:Offer {ticket: $p.id})
  USING INDEX SEEK o:Offer(ticket)
  WHERE o.state = 'open'
  RETURN collect(o.expert) AS offered
}
RETURN root.customer AS customer, root.expert AS expert, assigned + offered AS experts, events
