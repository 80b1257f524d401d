-- The number of users with more than one row; the first three, with the row that repeats.
SELECT count(*) AS users, min_by(row, row, 3) AS first_rows, min_by(user_id, row, 3) AS first_users
FROM (
    SELECT user_id, min(row, 2)[2] AS row
    FROM (SELECT user_id, file_row_number + 1 AS row
          FROM read_parquet({file}, file_row_number = true))
    GROUP BY user_id
    HAVING count(*) > 1
)
