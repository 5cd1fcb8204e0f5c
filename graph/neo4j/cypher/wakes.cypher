// The stored timers of aggregates.
UNWIND $p.ids AS id
MATCH (n:Entity {id: id})
USING INDEX SEEK n:Entity(id)
WHERE n._next_at IS NOT NULL
RETURN n.id AS id, n.rev AS rev, n._next_at AS at, n._fence AS fence, coalesce(n._failures, 0) AS failures,
  CASE WHEN n._failures > 0 THEN n._failure END AS why
