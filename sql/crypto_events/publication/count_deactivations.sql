-- Live rows and rows to deactivate, for each day of the window that has live rows. What is live of days that
-- are compared as a whole is counted; of other days it is known.
SELECT live.day, live.rows AS live_rows, coalesce(gone.rows, 0) AS gone_rows
FROM (
    SELECT purchase_date AS day, count(*) AS rows
    FROM prod.bt_crypto_events
    WHERE purchase_date = ANY({whole_days}::date[]) AND is_active
    GROUP BY purchase_date
    UNION ALL
    SELECT day, sum(live_rows)::bigint
    FROM raw.bt_crypto_day_counts
    WHERE day BETWEEN {window_start} AND {as_of} AND day <> ALL({whole_days}::date[])
    GROUP BY day
    HAVING sum(live_rows) > 0
) AS live
LEFT JOIN (
    SELECT purchase_date AS day, count(*) AS rows
    FROM delta
    WHERE operation = 'D'
    GROUP BY purchase_date
) AS gone USING (day)
ORDER BY day
