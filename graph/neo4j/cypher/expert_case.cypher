// An expert with the tours that end after an instant and the tickets that these visit.
OPTIONAL MATCH (command:Command {id: $p.command})
USING INDEX SEEK command:Command(id)
OPTIONAL MATCH (root:Entity:Expert {id: $p.id})
USING INDEX SEEK root:Entity(id)
CALL (root) {
  MATCH (n:Tour)
  USING INDEX SEEK n:Tour(expert, end)
  WHERE n.expert = $p.id AND n.end > $p.from
  RETURN collect(n) AS tours
}
CALL (tours) {
  UNWIND tours AS tour
  UNWIND tour._tickets AS id
  WITH DISTINCT id
  MATCH (n:Entity {id: id})
  USING INDEX SEEK n:Entity(id)
  RETURN collect(n) AS tickets
}
RETURN command, root, tours, tickets
