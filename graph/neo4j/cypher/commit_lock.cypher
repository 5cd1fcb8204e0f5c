// Takes the locks of a batch in the one order that all batches keep: keys, then aggregates, both ascending. Every node
// is read after its lock: a block begins when the one before it has collected its rows, and a node that comes out of a
// list carries no value that was read before the list was made. The tag tells which nodes are locked: a key that was
// pruned while this session waited for it can't be, and Cypher says nothing of it.
CALL () {
  UNWIND $p.keys AS key
  MERGE (k:Key {key: key})
  SET k._lock = $p.tag
  RETURN collect(k) AS keys
}
CALL (keys) {
  UNWIND $p.roots AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  SET n._lock = $p.tag
  RETURN collect(n) AS roots
}
CALL (roots) {
  UNWIND $p.parts AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect([id, elementId(n), n._edges, n._sum]) AS parts
}
CALL (parts) {
  MATCH (s:Sequence {name: 'schema'})
  USING INDEX SEEK s:Sequence(name)
  RETURN collect(s.value) AS version
}
RETURN coalesce(head(version), 0) AS version,
  [k IN keys | [k.key, elementId(k), k._lock, k.owner]] AS owners,
  [n IN roots | [n.id, elementId(n), n._lock, n.rev, n._fence, n._dead, n._edges, n._sum, n._parts]] AS roots,
  parts
