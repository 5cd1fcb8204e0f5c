// The shards of a lane in which something is due: a look into the index for each, not a scan of what is due.
UNWIND range(0, $p.shards - 1) AS shard
CALL (shard) {
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(_lane, _shard, _next_at)
  WHERE n._lane = $p.lane AND n._shard = shard AND n._next_at <= $p.now
  WITH n LIMIT 1
  RETURN count(n) AS due
}
WITH shard, due WHERE due > 0
RETURN shard
