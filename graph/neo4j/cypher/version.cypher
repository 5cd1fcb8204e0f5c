// The schema's version; no row in an empty store.
MATCH (s:Sequence {name: 'schema'})
USING INDEX SEEK s:Sequence(name)
RETURN s.value AS version
