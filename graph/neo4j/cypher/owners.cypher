// Who holds keys.
UNWIND $p.keys AS key
MATCH (k:Key {key: key})
USING INDEX SEEK k:Key(key)
WHERE k.owner IS NOT NULL
RETURN k.key AS key, k.owner AS owner
