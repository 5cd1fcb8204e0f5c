// A page of the tickets that need a person, most urgent first: a range is one rank of priority.
UNWIND $p.ranges AS r
CALL (r) {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(needs_person, priority_rank, due_at, id)
  WHERE t.needs_person = true AND t.priority_rank = r.rank AND t.due_at >= r.due AND t.id IS NOT NULL
    AND NOT (t.due_at = r.due AND t.id <= r.id)
    AND t.exception_marks CONTAINS $p.mark
    AND t.shown IN $p.shown
    AND ($p.region IS NULL OR t.region = $p.region)
    AND ($p.since IS NULL OR t.created_at >= $p.since)
  WITH t ORDER BY t.needs_person, t.priority_rank, t.due_at, t.id LIMIT $p.limit
  RETURN t
}
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
