-- The features of at most so many users, always the same ones.
SELECT user_id, {features} FROM {rows}
ORDER BY md5(concat('snapshot ', CAST(user_id AS STRING))) LIMIT {users}
