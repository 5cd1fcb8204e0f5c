// The people who can sign in.
MATCH (n:User)
WHERE n._dead IS NULL
WITH n ORDER BY n.id
RETURN n AS record
