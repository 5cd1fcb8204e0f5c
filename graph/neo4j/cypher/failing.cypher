// Whose timers have failed, the most failures in a row first.
MATCH (n:Entity)
USING INDEX SEEK n:Entity(_failures)
WHERE n._failures > 0 AND n._next_at IS NOT NULL
RETURN n.id AS id, n.rev AS rev, n._next_at AS at, n._fence AS fence, n._failures AS failures, n._failure AS why
ORDER BY failures DESC, id
LIMIT $p.limit
