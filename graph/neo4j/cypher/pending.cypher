// The aggregates of the oldest events without a number.
MATCH (e:Event)
USING INDEX e:Event(pending)
WHERE e.pending IS NOT NULL
WITH e ORDER BY e.pending LIMIT $p.limit
RETURN collect(DISTINCT e.aggregate) AS aggregates
