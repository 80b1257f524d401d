-- What other columns hold in rows whose user is no number, each text once.
SELECT DISTINCT slipped.cell
FROM {table}, unnest(ARRAY[{columns}]) AS slipped (cell)
WHERE coalesce({user}, '') !~ '^[^0-9]*[0-9]+(\.0+)?[^0-9]*$' AND slipped.cell ~ '[0-9]'
