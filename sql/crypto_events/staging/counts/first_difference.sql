-- The first day of the window of which another number of rows was added up than is there. What is live of
-- days that were touched as a whole is counted when they are published.
SELECT day, of, coalesce(kept, 0) AS kept, coalesce(found, 0) AS found
FROM (
    SELECT 'raw rows' AS of, day, kept.rows AS kept, found.rows AS found
    FROM (
        SELECT calendar.day, sum(counts.rows) AS rows
        FROM raw.bt_crypto_raw_counts AS counts
        JOIN dqm.calendar ON calendar.form = counts.date_key
        WHERE counts.date_key = ANY({window_dates})
        GROUP BY calendar.day
    ) AS kept
    FULL JOIN (
        SELECT calendar.day, count(*) AS rows
        FROM raw.bt_crypto_transaction_history AS history
        JOIN dqm.calendar ON calendar.form = raw.date_key(history.purchase_date)
        WHERE raw.date_key(history.purchase_date) = ANY({window_dates})
        GROUP BY calendar.day
    ) AS found USING (day)
    UNION ALL
    SELECT 'judged rows', judged.day, kept.rows, found.rows
    FROM raw.bt_crypto_judged_days AS judged
    CROSS JOIN raw.bt_crypto_judged_contract AS contract
    CROSS JOIN LATERAL (
        SELECT sum(judged_rows) AS rows
        FROM raw.bt_crypto_day_counts AS counts
        WHERE counts.day = judged.day AND counts.generation = contract.generation
    ) AS kept
    CROSS JOIN LATERAL (
        SELECT count(*) AS rows
        FROM raw.bt_crypto_judged
        WHERE purchase_date = judged.day
    ) AS found
    WHERE judged.day BETWEEN {window_start} AND {as_of}
    UNION ALL
    SELECT 'live rows', judged.day, kept.rows, found.rows
    FROM raw.bt_crypto_judged_days AS judged
    CROSS JOIN LATERAL (
        SELECT sum(live_rows) AS rows
        FROM raw.bt_crypto_day_counts AS counts
        WHERE counts.day = judged.day
    ) AS kept
    CROSS JOIN LATERAL (
        SELECT count(*) AS rows
        FROM prod.bt_crypto_events
        WHERE purchase_date = judged.day AND is_active
    ) AS found
    WHERE judged.day BETWEEN {window_start} AND {as_of}
      AND NOT EXISTS (
        SELECT FROM raw.bt_crypto_touched AS touched
        WHERE touched.purchase_date = judged.day AND touched.user_id IS NULL
      )
) AS counted
WHERE coalesce(kept, 0) <> coalesce(found, 0)
ORDER BY day, of
LIMIT 1
