// What all decisions share: policy, skill tree, skills and regions. There are few of each.
OPTIONAL MATCH (policy:Entity {id: $p.policy})
USING INDEX SEEK policy:Entity(id)
OPTIONAL MATCH (tree:Entity {id: $p.tree})
USING INDEX SEEK tree:Entity(id)
CALL (tree) {
  MATCH (n:Skill)
  RETURN collect(n) AS skills
}
CALL (tree) {
  MATCH (n:Region)
  RETURN collect(n) AS regions
}
RETURN policy, tree, skills, regions
