-- Count the live rows of days that were compared as a whole, in place of what was added up; of other days,
-- add what the run changed, which it did for users alone.
WITH lines AS (
    DELETE FROM raw.bt_crypto_day_counts WHERE day = ANY({whole_days}::date[])
    RETURNING day, generation, judged_rows
)
INSERT INTO raw.bt_crypto_day_counts (day, generation, judged_rows, live_rows)
SELECT day, contract.generation, coalesce(judged.rows, 0), coalesce(live.rows, 0)
FROM unnest({whole_days}::date[]) AS day
CROSS JOIN raw.bt_crypto_judged_contract AS contract
LEFT JOIN (
    SELECT day, generation, sum(judged_rows)::bigint AS rows FROM lines GROUP BY day, generation
) AS judged USING (day, generation)
LEFT JOIN (
    SELECT purchase_date AS day, count(*) AS rows
    FROM prod.bt_crypto_events
    WHERE purchase_date = ANY({whole_days}::date[]) AND is_active
    GROUP BY purchase_date
) AS live USING (day)
UNION ALL
SELECT purchase_date, NULL, 0,
    count(*) FILTER (WHERE operation IN ('I', 'R')) - count(*) FILTER (WHERE operation = 'D')
FROM delta
WHERE EXISTS (SELECT FROM staging.bt_crypto_events_keys WHERE user_id IS NOT NULL)
  AND operation <> 'U' AND purchase_date <> ALL({whole_days}::date[])
GROUP BY purchase_date
