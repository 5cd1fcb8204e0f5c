// A customer with sites and devices. The revision is read before the parts: should a commit come in between, the guard
// on it fails.
OPTIONAL MATCH (command:Command {id: $p.command})
USING INDEX SEEK command:Command(id)
OPTIONAL MATCH (root:Entity:Customer {id: $p.id})
USING INDEX SEEK root:Entity(id)
WITH command, root, root.rev AS rev
CALL (root) {
  MATCH (root)-[:HAS_SITE]->(n:Site)
  RETURN collect(n) AS sites
}
CALL (root) {
  MATCH (root)-[:OWNS]->(n:Device)
  RETURN collect(n) AS devices
}
RETURN command, root, rev, sites, devices
