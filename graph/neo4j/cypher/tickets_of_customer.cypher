// A page of a customer's tickets, most urgent first.
MATCH (t:Ticket {customer: $customer})
USING INDEX SEEK t:Ticket(customer)
WHERE t.shown IN $shown AND t.priority_rank IN $ranks
  AND (t.priority_rank > $rank OR t.priority_rank = $rank AND (t.due_at > $due OR t.due_at = $due AND t.id > $id))
  AND ($region IS NULL OR t.region = $region)
  AND ($since IS NULL OR t.created_at >= $since)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $limit
RETURN t AS ticket
