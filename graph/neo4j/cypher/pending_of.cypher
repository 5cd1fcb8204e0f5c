// All events of aggregates that have no number, and the highest revision that has one.
UNWIND $p.aggregates AS aggregate
CALL (aggregate) {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(aggregate, rev)
  WHERE e.aggregate = aggregate AND e.rev >= 1
  RETURN collect(CASE WHEN e.pending IS NOT NULL THEN e END) AS events, max(CASE WHEN e.seq IS NOT NULL THEN e.rev END) AS numbered
}
RETURN aggregate, events, numbered
