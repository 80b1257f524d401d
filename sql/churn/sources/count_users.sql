-- Number of rows in a file, and of users in them.
SELECT count(*) AS rows, count(DISTINCT user_id) AS users FROM {source}
