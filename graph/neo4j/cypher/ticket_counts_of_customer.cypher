// A customer's open tickets by what is shown of them.
MATCH (t:Ticket {customer: $p.customer})
USING INDEX SEEK t:Ticket(customer)
WHERE t.shown IN $p.shown
RETURN t.shown AS shown, count(*) AS n
