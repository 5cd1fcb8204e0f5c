// A page of a region's tickets, most urgent first: a range is one state at one rank of priority.
UNWIND $p.ranges AS r
CALL (r) {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(region, state, priority_rank, due_at, id)
  WHERE t.region = $p.region AND t.state = r.state AND t.priority_rank = r.rank AND t.due_at >= r.due AND t.id IS NOT NULL
    AND NOT (t.due_at = r.due AND t.id <= r.id)
    AND t.shown IN $p.shown
    AND ($p.customer IS NULL OR t.customer = $p.customer)
    AND ($p.since IS NULL OR t.created_at >= $p.since)
  WITH t ORDER BY t.region, t.state, t.priority_rank, t.due_at, t.id LIMIT $p.limit
  RETURN t
}
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
