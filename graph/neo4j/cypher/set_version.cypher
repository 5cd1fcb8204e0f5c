// Notes the schema's version, never a lower one.
MERGE (s:Sequence {name: 'schema'})
SET s._lock = $tag
WITH collect(s) AS locked
UNWIND locked AS s
SET s.value = CASE WHEN s.value > $version THEN s.value ELSE $version END
