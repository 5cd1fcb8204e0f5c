// What is due by lane and since when, and what has failed.
UNWIND $p.lanes AS lane
CALL (lane) {
  UNWIND range(0, $p.shards - 1) AS shard
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(_lane, _shard, _next_at)
  WHERE n._lane = lane AND n._shard = shard AND n._next_at <= $p.now
  RETURN count(n) AS due, min(n._next_at) AS oldest
}
CALL (lane) {
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(_failures)
  WHERE n._failures > 0 AND n._lane = lane
  RETURN count(n) AS failed
}
RETURN lane, due, oldest, failed
