// A page of tickets, most urgent first. Each range is one shown state at one rank of priority, read from its index in
// the order of the list; of these the page takes the first.
UNWIND $p.ranges AS r
CALL (r) {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(shown, priority_rank, due_at, id)
  WHERE t.shown = r.shown AND t.priority_rank = r.rank AND t.due_at >= r.due AND t.id IS NOT NULL
    AND NOT (t.due_at = r.due AND t.id <= r.id)
    AND ($p.customer IS NULL OR t.customer = $p.customer)
    AND ($p.region IS NULL OR t.region = $p.region)
    AND ($p.since IS NULL OR t.created_at >= $p.since)
  WITH t ORDER BY t.shown, t.priority_rank, t.due_at, t.id LIMIT $p.limit
  RETURN t
}
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
