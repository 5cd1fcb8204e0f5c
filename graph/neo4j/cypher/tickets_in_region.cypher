// A page of a region's tickets, most urgent first: a range is one state at one rank of priority.
UNWIND $ranges AS r
CALL (r) {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(region, state, priority_rank, due_at, id)
  WHERE t.region = $region AND t.state = r.state AND t.priority_rank = r.rank AND t.due_at >= r.due AND t.id IS NOT NULL
    AND NOT (t.due_at = r.due AND t.id <= r.id)
    AND t.shown IN $shown
    AND ($customer IS NULL OR t.customer = $customer)
    AND ($since IS NULL OR t.created_at >= $since)
  WITH t ORDER BY t.region, t.state, t.priority_rank, t.due_at, t.id LIMIT $limit
  RETURN t
}
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $limit
RETURN t AS ticket
