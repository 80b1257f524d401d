-- The last day in a file.
SELECT max({column}) AS day FROM {source}
