SELECT count(*) AS rows
FROM duplicates
WHERE NOT exact
