-- Number of rows in a file.
SELECT count(*) AS rows FROM {source}
