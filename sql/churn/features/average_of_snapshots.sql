-- The average of weekly snapshots: as many users of each, so that every week weighs the same.
-- In a fixed order, so that scores are the same to the last digit.
WITH users AS (
    SELECT *, row_number() OVER (
        PARTITION BY filename ORDER BY md5(concat('snapshot ', CAST(user_id AS STRING)))
    ) AS place
    FROM read_parquet({files}, filename = true, union_by_name = true)
)
SELECT * EXCLUDE (user_id, filename, place)
FROM users
WHERE place <= (SELECT min(users) FROM (SELECT count(*) AS users FROM users GROUP BY filename))
ORDER BY filename, place
