// A page of a customer's tickets, most urgent first.
MATCH (t:Ticket {customer: $p.customer})
USING INDEX SEEK t:Ticket(customer)
WHERE t.shown IN $p.shown AND t.priority_rank IN $p.ranks
  AND (t.priority_rank > $p.rank OR t.priority_rank = $p.rank AND (t.due_at > $p.due OR t.due_at = $p.due AND t.id > $p.id))
  AND ($p.region IS NULL OR t.region = $p.region)
  AND ($p.mark IS NULL OR t.exception_marks CONTAINS $p.mark)
  AND ($p.since IS NULL OR t.created_at >= $p.since)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
