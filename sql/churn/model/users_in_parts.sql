-- The first and the last user of each part of a snapshot: so many users, in the order of their ids.
SELECT min(user_id) AS first_user, max(user_id) AS last_user
FROM (
    SELECT user_id, (row_number() OVER (ORDER BY user_id) - 1) // {users} AS part FROM {snapshot}
)
GROUP BY part
ORDER BY part
