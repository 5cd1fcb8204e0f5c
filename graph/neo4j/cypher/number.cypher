// Gives events their numbers; returns how many there were to be numbered.
MATCH (s:Sequence {name: 'event'})
USING INDEX SEEK s:Sequence(name)
SET s.value = $p.head
WITH count(*) AS once
CALL () {
  UNWIND $p.events AS r
  MATCH (e:Event {aggregate: r[0], rev: r[1]})
  USING INDEX SEEK e:Event(aggregate, rev)
  WHERE e.pending IS NOT NULL
  SET e.seq = r[2]
  REMOVE e.pending
  RETURN count(DISTINCT e) AS numbered
}
RETURN numbered
