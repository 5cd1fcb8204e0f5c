// Takes the next numbers of a sequence and returns the last of them.
MERGE (s:Sequence {name: $p.name})
SET s._lock = $p.tag
WITH collect(s) AS locked
UNWIND locked AS s
SET s.value = coalesce(s.value, 0) + $p.n
RETURN s.value AS last
