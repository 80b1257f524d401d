-- The number of users with rows that say different things; the first three, with the row that
-- differs from the user's first one.
SELECT count(*) AS users, min_by(row, row, 3) AS first_rows, min_by(user_id, row, 3) AS first_users
FROM (
    SELECT user_id, min(row) AS row
    FROM (
        SELECT user_id, file_row_number + 1 AS row,
               said IS DISTINCT FROM first_value(said) OVER (
                   PARTITION BY user_id ORDER BY file_row_number
               ) AS differs
        FROM (SELECT user_id, file_row_number, {said} AS said
              FROM read_parquet({file}, file_row_number = true))
    )
    WHERE differs
    GROUP BY user_id
)
