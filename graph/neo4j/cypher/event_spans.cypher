// The lowest, highest and number of aggregates' events, and of the commands behind them.
UNWIND $p.ids AS id
CALL (id) {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(aggregate, rev)
  WHERE e.aggregate = id AND e.rev >= 1
  RETURN min(e.rev) AS low, max(e.rev) AS high, count(e) AS n, count(DISTINCT e.command) AS commands
}
WITH id, low, high, n, commands WHERE n > 0
RETURN id, low, high, n, commands
