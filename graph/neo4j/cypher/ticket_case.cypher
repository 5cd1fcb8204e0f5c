// A ticket by one of its ids with all that a decision on it rests on. The revision is read before the parts: should a
// commit come in between, the guard on it fails.
OPTIONAL MATCH (command:Command {id: $p.command})
USING INDEX SEEK command:Command(id)
OPTIONAL CALL (command) {
  MATCH (t:Entity:Ticket {id: $p.ticket})
  USING INDEX SEEK t:Entity(id)
  RETURN t AS root
  UNION
  MATCH (t:Ticket {number: $p.number})
  USING INDEX SEEK t:Ticket(number)
  RETURN t AS root
  UNION
  MATCH (k:Key {key: $p.numbered})
  USING INDEX SEEK k:Key(key)
  MATCH (t:Entity:Ticket {id: k.owner})
  USING INDEX SEEK t:Entity(id)
  RETURN t AS root
  UNION
  MATCH (v:Entity:Visit {id: $p.visit})
  USING INDEX SEEK v:Entity(id)
  MATCH (t:Entity {id: v.ticket})
  USING INDEX SEEK t:Entity(id)
  RETURN t AS root
  UNION
  MATCH (o:Entity:Offer {id: $p.offer})
  USING INDEX SEEK o:Entity(id)
  MATCH (t:Entity {id: o.ticket})
  USING INDEX SEEK t:Entity(id)
  RETURN t AS root
}
WITH command, root, root.rev AS rev
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
WITH command, root, rev, visits AS allVisits, offers AS allOffers, assignments AS allAssignments
WITH *, [v IN allVisits WHERE $p.latest = 0 OR v.n > root.visits - $p.latest OR v.arrived_at IS NOT NULL OR v.started_at IS NOT NULL
  OR v.id = $p.visit OR v.id IN [o IN allOffers WHERE o.id = $p.offer | o.visit] | v] AS visits
WITH *, [v IN visits | v.id] AS latest
WITH *, [o IN allOffers WHERE $p.latest = 0 OR o.visit IN latest | o] AS offers,
  [a IN allAssignments WHERE $p.latest = 0 OR a.visit IN latest | a] AS assignments,
  CASE WHEN $p.latest = 0 THEN [] ELSE [v IN allVisits WHERE NOT v.id IN latest | v._sum] +
    [n IN allOffers + allAssignments WHERE NOT coalesce(n.visit, "") IN latest | n._sum] END AS others
OPTIONAL MATCH (customer:Entity {id: root.customer})
USING INDEX SEEK customer:Entity(id)
OPTIONAL MATCH (site:Entity {id: root.site})
USING INDEX SEEK site:Entity(id)
OPTIONAL MATCH (device:Entity {id: root.device})
USING INDEX SEEK device:Entity(id)
CALL (root) {
  MATCH (t:Ticket {customer: root.customer})
  USING INDEX SEEK t:Ticket(customer)
  MATCH (a:Assignment {ticket: t.id})
  USING INDEX SEEK a:Assignment(ticket)
  WHERE a.state = 'done'
  WITH a.expert AS expert, t.device AS device, count(*) AS visits
  RETURN collect([expert, device, visits]) AS served
}
WITH *, [o IN offers WHERE o.state = 'open' | o] + [a IN assignments WHERE a.state = 'active' | a] AS held
CALL (held) {
  UNWIND [h IN held | h.expert] + $p.experts AS id
  WITH DISTINCT id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS experts
}
CALL (held) {
  UNWIND [h IN held | h.tour] AS id
  WITH DISTINCT id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS tours
}
CALL (held) {
  UNWIND $p.experts AS expert
  MATCH (n:Tour)
  USING INDEX SEEK n:Tour(expert, end)
  WHERE n.expert = expert AND n.end > $p.from AND n.start < $p.to
  RETURN collect(n) AS asked
}
RETURN command, root, rev, visits, offers, assignments, others, customer, site, device, served, experts, tours, asked
