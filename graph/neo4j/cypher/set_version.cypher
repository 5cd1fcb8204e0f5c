// Notes the schema's version, never a lower one.
MERGE (s:Sequence {name: 'schema'})
SET s._lock = $p.tag
WITH collect(s) AS locked
UNWIND locked AS s
SET s.value = CASE WHEN s.value > $p.version THEN s.value ELSE $p.version END
