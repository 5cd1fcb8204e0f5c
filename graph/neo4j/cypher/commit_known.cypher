// Which commands of a batch were carried out before.
UNWIND $p.commands AS id
MATCH (c:Command {id: id})
USING INDEX SEEK c:Command(id)
RETURN c AS command
