// A customer's tickets that are not terminal, at some sites or at all, most urgent first.
MATCH (t:Ticket {customer: $p.customer})
USING INDEX SEEK t:Ticket(customer)
WHERE t.shown IN $p.shown AND ($p.sites IS NULL OR t.site IN $p.sites)
WITH t ORDER BY t.priority_rank, t.due_at, t.id LIMIT $p.limit
RETURN t AS ticket
