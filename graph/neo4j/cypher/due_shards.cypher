// The shards of a lane in which something is due, and since when: a look into the index for each, not a scan of what is due.
UNWIND range(0, $p.shards - 1) AS shard
CALL (shard) {
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(_lane, _shard, _next_at)
  WHERE n._lane = $p.lane AND n._shard = shard AND n._next_at <= $p.now
  WITH n ORDER BY n._lane, n._shard, n._next_at LIMIT 1
  RETURN n._next_at AS since
}
RETURN shard, since
