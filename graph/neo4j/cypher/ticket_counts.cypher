// Open tickets by what is shown of them.
UNWIND $p.shown AS shown
CALL (shown) {
  MATCH (t:Ticket)
  USING INDEX SEEK t:Ticket(shown, priority_rank, due_at, id)
  WHERE t.shown = shown AND t.priority_rank IS NOT NULL AND t.due_at IS NOT NULL AND t.id IS NOT NULL
  RETURN count(*) AS n
}
WITH shown, n WHERE n > 0
RETURN shown, n
