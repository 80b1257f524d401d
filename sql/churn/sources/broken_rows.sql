-- The number of rows of which something holds, and the first three of them.
SELECT count(*) AS rows, min(row, 3) AS first_rows
FROM (SELECT row, {broken} AS broken FROM ({source}))
WHERE broken
