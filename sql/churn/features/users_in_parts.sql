-- The first and the last user of each part, in the order of their ids: so many users, or more of them
-- where that made more than so many parts, for the payments are read once for each part.
SELECT min(user_id) AS first_user, max(user_id) AS last_user
FROM (
    SELECT user_id, (row_number() OVER (ORDER BY user_id) - 1)
        // greatest({users}, count(*) OVER () // {parts} + 1) AS part
    FROM (SELECT DISTINCT user_id FROM {rows})
)
GROUP BY part
ORDER BY part
