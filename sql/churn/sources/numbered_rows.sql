-- The rows of a source file, each with its number.
SELECT *, row_number() OVER () AS row FROM ({source})
