// Takes the next numbers of a sequence and returns the last of them.
MERGE (s:Sequence {name: $name})
SET s._lock = $tag
WITH collect(s) AS locked
UNWIND locked AS s
SET s.value = coalesce(s.value, 0) + $n
RETURN s.value AS last
