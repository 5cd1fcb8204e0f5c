// A customer's tickets that are not terminal, at some sites or at all, most urgent first.
MATCH (t:Ticket {customer: $customer})
USING INDEX SEEK t:Ticket(customer)
WHERE t.shown IN $shown AND ($sites IS NULL OR t.site IN $sites)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $limit
RETURN t AS ticket
