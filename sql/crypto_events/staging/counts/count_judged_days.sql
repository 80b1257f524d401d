-- Count the judged rows of days that were judged as a whole, in place of what was added up.
WITH lines AS (
    DELETE FROM raw.bt_crypto_day_counts WHERE day = ANY(%(days)s::date[])
    RETURNING day, live_rows
)
INSERT INTO raw.bt_crypto_day_counts (day, generation, judged_rows, live_rows)
SELECT day, (SELECT generation FROM raw.bt_crypto_judged_contract), coalesce(judged.rows, 0),
    coalesce(live.rows, 0)
FROM unnest(%(days)s::date[]) AS day
LEFT JOIN (
    SELECT purchase_date AS day, count(*) AS rows
    FROM raw.bt_crypto_judged
    WHERE purchase_date = ANY(%(days)s::date[])
    GROUP BY purchase_date
) AS judged USING (day)
LEFT JOIN (
    SELECT day, sum(live_rows)::bigint AS rows FROM lines GROUP BY day
) AS live USING (day)
