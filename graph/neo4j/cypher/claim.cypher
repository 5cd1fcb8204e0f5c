// Takes one aggregate's timer if it is due.
CALL () {
  MATCH (n:Entity {id: $p.id})
  USING INDEX SEEK n:Entity(id)
  SET n._lock = $p.tag
  RETURN collect(n) AS locked
}
UNWIND locked AS n
WITH n, n._next_at AS was
WHERE was <= $p.now
SET n._next_at = $p.until, n._fence = n._fence + 1
RETURN n.id AS id, n.rev AS rev, was AS at, n._fence AS fence, coalesce(n._failures, 0) AS failures,
  CASE WHEN n._failures > 0 THEN n._failure END AS why
