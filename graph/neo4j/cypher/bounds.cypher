// The lowest number that is retained and the highest that was given.
CALL () {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(seq)
  WHERE e.seq > 0
  WITH e ORDER BY e.seq LIMIT 1
  RETURN collect(e.seq) AS lowest
}
OPTIONAL MATCH (s:Sequence {name: 'event'})
USING INDEX SEEK s:Sequence(name)
RETURN coalesce(head(lowest), 0) AS floor, coalesce(s.value, 0) AS head
