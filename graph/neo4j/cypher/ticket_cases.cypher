// A page of tickets by id, each with its parts. The revision is read before the parts.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(id)
WHERE n.id >= $p.first AND n.id < $p.end
WITH n AS root ORDER BY n.id LIMIT $p.limit
WITH root, root.rev AS rev
CALL (root) {
  MATCH (root)<-[:OF]-(n:Visit)
  RETURN collect(n) AS visits
}
CALL (root) {
  MATCH (n:Offer {ticket: root.id})
  USING INDEX SEEK n:Offer(ticket)
  RETURN collect(n) AS offers
}
CALL (root) {
  MATCH (n:Assignment {ticket: root.id})
  USING INDEX SEEK n:Assignment(ticket)
  RETURN collect(n) AS assignments
}
RETURN root, rev, visits, offers, assignments
