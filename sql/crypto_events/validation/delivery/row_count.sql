-- Closed days of the window with fewer or more rows than a day may have, from the first day that had any. Not
-- asked about: a day that was published with as few or as many; one of which raw rows were pruned.
WITH counted AS (
    SELECT day, rows FROM staging.bt_crypto_events_delivered WHERE rule = ''
),
first AS (
    SELECT min(day) AS since
    FROM (
        SELECT day FROM counted
        UNION ALL
        SELECT day FROM dqm.bt_crypto_events_delivered_days WHERE rows > 0
    ) AS known
)
SELECT days.day, delivered.rows
FROM first
CROSS JOIN LATERAL (
    SELECT day::date AS day
    FROM generate_series(
        greatest({window_start}, first.since)::timestamp,
        {last_closed_day}::timestamp,
        interval '1 day'
    ) AS closed (day)
    WHERE first.since IS NOT NULL
) AS days
LEFT JOIN counted USING (day)
LEFT JOIN dqm.bt_crypto_events_delivered_days AS published USING (day)
CROSS JOIN LATERAL (SELECT coalesce(counted.rows, 0) AS rows) AS delivered
WHERE (
    (delivered.rows < {least}::bigint AND delivered.rows < coalesce(published.rows, {least}::bigint))
    OR (delivered.rows > {most}::bigint AND delivered.rows > coalesce(published.rows, {most}::bigint))
)
AND NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_pruned_days AS pruned WHERE pruned.day = days.day
)
ORDER BY days.day
