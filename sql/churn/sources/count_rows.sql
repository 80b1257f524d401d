-- Rows of a file.
SELECT count(*) AS rows FROM {source}
