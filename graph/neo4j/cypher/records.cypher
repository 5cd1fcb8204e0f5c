// Single records by id.
OPTIONAL MATCH (command:Command {id: $p.command})
USING INDEX SEEK command:Command(id)
CALL (command) {
  UNWIND $p.ids AS id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS records
}
RETURN command, records
