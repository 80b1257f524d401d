-- Rows whose user is no number, and of which another cell means somebody.
DELETE FROM {table}
WHERE coalesce({user}, '') !~ '^[^0-9]*[0-9]+(\.0+)?[^0-9]*$'
  AND ARRAY[{columns}] && %(cells)s::text[]
