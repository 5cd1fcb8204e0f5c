// Forgets commands, oldest first, and keys that nobody has held since then. These are looked at again when they are
// locked: somebody may have taken one meanwhile.
CALL () {
  MATCH (c:Command)
  USING INDEX SEEK c:Command(at)
  WHERE c.at < $before
  WITH c ORDER BY c.at LIMIT $limit
  DELETE c
  RETURN count(*) AS forgotten
}
CALL () {
  MATCH (k:Key)
  USING INDEX SEEK k:Key(free)
  WHERE k.free < $before
  WITH k LIMIT $limit
  WITH k ORDER BY k.key
  SET k._lock = $tag
  RETURN collect(k) AS keys
}
CALL (keys) {
  UNWIND keys AS k
  WITH k WHERE k.free < $before
  DELETE k
}
RETURN forgotten
