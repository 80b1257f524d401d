-- Of each column, whether rows of one user say different things in it; nothing is a thing to say.
SELECT {differ}
FROM (SELECT {said} FROM read_parquet({file}) GROUP BY user_id)
