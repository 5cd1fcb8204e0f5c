// Writes what the accepted changes of a batch leave; the locks are held. What was locked or read is found by the element
// id that came with it, without its index. Releases come before claims. Ends of edges are given by position: first the
// nodes that are created here, then those of $p.near, then those of $p.far. A key that nobody holds keeps its node for a
// while: sessions that contend for it would meet deadlocks on the index if it came and went.
CALL () {
  UNWIND $p.released AS element
  MATCH (k)
  WHERE elementId(k) = element
  REMOVE k.owner
  SET k.free = $p.now
}
CALL () {
  UNWIND $p.claimed AS c
  MATCH (k)
  WHERE elementId(k) = c[0]
  SET k.owner = c[1]
  REMOVE k.free
}
CALL () {
  UNWIND $p.bare AS b
  MERGE (n:Entity {id: b[0]})
  ON CREATE SET n:$(b[1])
}
CALL () {
  UNWIND $p.changed AS r
  MATCH (n)
  WHERE elementId(n) = r[0]
  SET n = r[1]
}
CALL () {
  UNWIND $p.untied AS element
  MATCH (n)-[e:ABOUT|AT|BASED_IN|BY|FOR|FROM|HAS|IN|IS|NARROWS|NEEDS|OF|ON]->()
  WHERE elementId(n) = element
  DELETE e
}
CALL () {
  UNWIND $p.untied AS element
  MATCH (n)<-[e:HAS_SITE|OWNS]-()
  WHERE elementId(n) = element
  DELETE e
}
CALL () {
  UNWIND range(0, size($p.created) - 1) AS i
  WITH i, $p.created[i] AS r
  CREATE (n:Entity:$(r[0]))
  SET n = r[1]
  WITH i, n ORDER BY i
  RETURN collect([n]) AS made
}
CALL (made) {
  UNWIND range(0, size($p.near) - 1) AS i
  OPTIONAL MATCH (n)
  WHERE elementId(n) = $p.near[i]
  WITH i, n ORDER BY i
  RETURN collect([n]) AS near
}
CALL (near) {
  UNWIND range(0, size($p.far) - 1) AS i
  OPTIONAL MATCH (n:Entity {id: $p.far[i]})
  USING INDEX SEEK n:Entity(id)
  WITH i, n ORDER BY i
  RETURN collect([n]) AS far
}
CALL (made, near, far) {
  WITH made + near + far AS nodes
  UNWIND $p.edges AS e
  WITH nodes[e[0]][0] AS a, nodes[e[1]][0] AS b, e[2] AS type, e[3] AS properties
  WHERE a IS NOT NULL AND b IS NOT NULL
  CREATE (a)-[r:$(type)]->(b)
  SET r = properties
}
CALL () {
  UNWIND $p.events AS e
  CREATE (n:Event)
  SET n = e
}
CALL () {
  UNWIND $p.commands AS c
  CREATE (n:Command)
  SET n = c
}
CALL () {
  UNWIND $p.jobs AS c
  CREATE (n:Command:Job)
  SET n = c
}
FINISH
