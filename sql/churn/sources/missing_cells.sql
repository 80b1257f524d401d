-- The rows of a checked file in which a column is missing.
SELECT count(*) FILTER (WHERE {missing}) AS missing FROM {source}
