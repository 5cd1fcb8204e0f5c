// Moves claimed timers on if their fence still holds. The rows are ascending by id; returned are those that were moved.
CALL () {
  UNWIND $p.settled AS s
  MATCH (n:Entity {id: s.id})
  USING INDEX SEEK n:Entity(id)
  SET n._lock = $p.tag
  RETURN collect([n, s]) AS locked
}
UNWIND locked AS pair
WITH pair[0] AS n, pair[1] AS s
WHERE n._fence = s.fence AND n._next_at IS NOT NULL
SET n._next_at = s.next, n._failures = CASE WHEN s.failures > 0 THEN s.failures END,
  n._failure = CASE WHEN s.failures > 0 THEN s.why END
RETURN s.i AS i
