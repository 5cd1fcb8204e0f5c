// What a region's round rests on: its most urgent queued tickets with customer, site, device and who served the
// customer before; the experts of the regions in reach and their tours.
CALL () {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(region, state, priority_rank, due_at, id)
  WHERE t.region = $p.region AND t.state = $p.state AND t.priority_rank IS NOT NULL AND t.due_at IS NOT NULL AND t.id IS NOT NULL
  WITH t ORDER BY t.region, t.state, t.priority_rank, t.due_at, t.id SKIP $p.skip LIMIT $p.limit
  RETURN collect(t) AS tickets
}
CALL (tickets) {
  UNWIND tickets AS t
  WITH DISTINCT t.customer AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS customers
}
CALL (tickets) {
  UNWIND tickets AS t
  WITH DISTINCT t.site AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS sites
}
CALL (tickets) {
  UNWIND tickets AS t
  WITH DISTINCT t.device AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS devices
}
CALL (tickets) {
  UNWIND tickets AS t
  WITH DISTINCT t.customer AS customer
  MATCH (s:Ticket {customer: customer})
  USING INDEX SEEK s:Ticket(customer)
  MATCH (a:Assignment {ticket: s.id})
  USING INDEX SEEK a:Assignment(ticket)
  WHERE a.state = 'done'
  WITH customer, a.expert AS expert, s.device AS device, count(*) AS visits
  RETURN collect([customer, expert, device, visits]) AS served
}
CALL (tickets) {
  UNWIND $p.reach AS region
  MATCH (e:Expert {region: region})
  USING INDEX SEEK e:Expert(region)
  WHERE e._dead IS NULL
  RETURN collect(e) AS experts
}
CALL (experts) {
  UNWIND experts AS e
  MATCH (n:Tour)
  USING INDEX SEEK n:Tour(expert, end)
  WHERE n.expert = e.id AND n.end > $p.from AND n.start < $p.to
  RETURN collect(n) AS tours
}
RETURN tickets, customers, sites, devices, served, experts, tours
