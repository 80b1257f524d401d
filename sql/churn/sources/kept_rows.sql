-- Where the first, second … of the rows that are kept stand in the file.
SELECT list(row ORDER BY row) AS rows
FROM (SELECT row, row_number() OVER (ORDER BY row) AS place FROM ({source}))
WHERE place IN ({kept})
