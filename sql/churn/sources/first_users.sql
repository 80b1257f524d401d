-- The three smallest ids of a file.
SELECT min(user_id, 3) AS users FROM (SELECT DISTINCT user_id FROM {source})
