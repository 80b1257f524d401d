-- The last day of a file.
SELECT max({column}) AS day FROM {source}
