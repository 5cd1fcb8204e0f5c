// Forgets keys that nobody has held for a while, and tells how many it looked at. They are looked at again when they
// are locked: somebody may have taken one meanwhile.
CALL () {
  MATCH (k:Key)
  USING INDEX SEEK k:Key(free)
  WHERE k.free < $p.before
  WITH k LIMIT $p.limit
  WITH k ORDER BY k.key
  SET k._lock = $p.tag
  RETURN collect(k) AS keys
}
CALL (keys) {
  UNWIND keys AS k
  WITH k WHERE k.free < $p.before
  DELETE k
}
RETURN size(keys) AS found
