// A page of customers by id that a search finds. Those next by id are looked at first: what many have soon fills a page.
// Of what is left few have all of it, and the index gives them.
CALL () {
  MATCH (n:Entity)
  USING INDEX SEEK n:Entity(id)
  WHERE n.id >= $p.first AND n.id < $p.end
  WITH n ORDER BY n.id LIMIT $p.near
  WITH n
  WHERE n._dead IS NULL
    AND all(word IN $p.words WHERE n.words CONTAINS word)
  WITH n ORDER BY n.id LIMIT $p.limit
  RETURN collect(n) AS near
}
CALL (near) {
  UNWIND CASE WHEN size(near) = $p.limit THEN near ELSE [] END AS n
  RETURN n
  UNION ALL
  UNWIND CASE WHEN size(near) < $p.limit THEN [$p.terms] ELSE [] END AS terms
  CALL db.index.fulltext.queryNodes('customer_words', terms) YIELD node
  WITH node AS n
  WHERE n.id >= $p.first AND n.id < $p.end
    AND n._dead IS NULL
    AND all(word IN $p.words WHERE n.words CONTAINS word)
  RETURN n
}
WITH n ORDER BY n.id LIMIT $p.limit
RETURN n AS record
