// Locks the sequence of events and a duty, and reads both.
CALL () {
  MERGE (s:Sequence {name: 'event'})
  SET s._lock = $p.tag
  RETURN collect(s) AS sequence
}
CALL (sequence) {
  MATCH (n:Entity {id: $p.duty})
  USING INDEX SEEK n:Entity(id)
  SET n._lock = $p.tag
  RETURN collect(n) AS duty
}
RETURN coalesce(head(sequence).value, 0) AS head, head(duty)._fence AS fence
