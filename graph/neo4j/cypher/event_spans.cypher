// The lowest, highest and number of aggregates' events, of the commands behind them, and the oldest without a number.
UNWIND $p.ids AS id
CALL (id) {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(aggregate, rev)
  WHERE e.aggregate = id AND e.rev >= 1
  RETURN min(e.rev) AS low, max(e.rev) AS high, count(e) AS n, count(DISTINCT e.command) AS commands,
    min(CASE WHEN e.seq IS NULL THEN e.at END) AS since
}
WITH id, low, high, n, commands, since WHERE n > 0
RETURN id, low, high, n, commands, since
