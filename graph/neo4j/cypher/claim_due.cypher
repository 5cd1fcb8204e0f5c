// Takes what is due in a shard, oldest first. What was found is locked, ascending by id, and looked at again: another
// worker may have been first.
CALL () {
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(_lane, _shard, _next_at)
  WHERE n._lane = $p.lane AND n._shard = $p.shard AND n._next_at <= $p.now
  WITH n ORDER BY n._lane, n._shard, n._next_at, n.id LIMIT $p.limit
  RETURN collect(n) AS found
}
CALL (found) {
  UNWIND found AS n
  WITH n ORDER BY n.id
  SET n._lock = $p.tag
  RETURN collect(n) AS locked
}
UNWIND locked AS n
WITH n, n._next_at AS was
WHERE n._lane = $p.lane AND was <= $p.now
SET n._next_at = $p.until, n._fence = n._fence + 1
RETURN n.id AS id, n.rev AS rev, was AS at, n._fence AS fence, coalesce(n._failures, 0) AS failures,
  CASE WHEN n._failures > 0 THEN n._failure END AS why
