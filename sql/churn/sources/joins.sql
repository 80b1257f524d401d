-- Users by the files that they are in: the number of users of each set of files. In a set, each
-- file counts by its place in the contract: the first 1, the second 2, the third 4 …
SELECT files, count(*) AS users
FROM (
    SELECT user_id, bit_or(file) AS files
    FROM (
        SELECT user_id, 1 AS file FROM {payments}
        UNION ALL SELECT user_id, 2 FROM {active_user}
        UNION ALL SELECT user_id, 4 FROM {demograficos}
        UNION ALL SELECT user_id, 8 FROM {dinero_cuenta}
        UNION ALL SELECT user_id, 16 FROM {marketplace_data}
    )
    GROUP BY user_id
)
GROUP BY files
