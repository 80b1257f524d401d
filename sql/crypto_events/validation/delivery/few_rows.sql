-- Closed days of the window with less than their share of the usual rows: the median of the delivered
-- days before. Not asked about: a day that was published with about as few rows; one of which raw rows
-- were pruned; one that the generator topped up. Nor is a day without any row, unless nine of ten days
-- before it had some, from the first that did: weekends and holidays are no question each week.
WITH counted AS (
    SELECT day, rows
    FROM staging.bt_crypto_events_delivered AS delivered
    WHERE rule = ''
      AND NOT EXISTS (
        SELECT FROM dqm.bt_crypto_events_pruned_days AS pruned WHERE pruned.day = delivered.day
      )
    UNION ALL
    SELECT day, rows
    FROM dqm.bt_crypto_events_delivered_days
    WHERE day >= {window_start} - {of_days_before} AND day < {window_start} AND rows > 0
),
days AS (
    SELECT day::date AS day
    FROM generate_series(
        ({window_start} - {of_days_before})::timestamp,
        {last_closed_day}::timestamp,
        interval '1 day'
    ) AS days (day)
),
compared AS (
    SELECT day, coalesce(counted.rows, 0) AS rows,
        array_agg(counted.rows) FILTER (WHERE counted.rows IS NOT NULL) OVER before AS before,
        day - min(day) FILTER (WHERE counted.rows IS NOT NULL) OVER before AS days_before
    FROM days LEFT JOIN counted USING (day)
    WINDOW before AS (
        ORDER BY day
        RANGE BETWEEN {of_days_before} * interval '1 day' PRECEDING
            AND interval '1 day' PRECEDING
    )
),
few AS MATERIALIZED (
    SELECT compared.day, compared.rows, usual.rows AS usual_rows, cardinality(before) AS known_days
    FROM compared
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY known.rows) AS rows
        FROM unnest(before) AS known (rows)
    ) AS usual
    LEFT JOIN dqm.bt_crypto_events_delivered_days AS published ON published.day = compared.day
    WHERE compared.day BETWEEN {window_start} AND {last_closed_day}
      AND cardinality(before) >= {known_days}
      AND (compared.rows > 0 OR cardinality(before) * 10 >= days_before * 9)
      AND compared.rows * 100 < usual.rows * {percent}
      AND (published.rows IS NULL OR compared.rows * 100 < published.rows * {percent})
      AND NOT EXISTS (
        SELECT FROM dqm.bt_crypto_events_pruned_days AS pruned WHERE pruned.day = compared.day
      )
)
SELECT day, rows, usual_rows::bigint AS usual_rows, known_days
FROM few
WHERE NOT EXISTS (
    SELECT FROM raw.bt_crypto_judged AS judged
    JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
    WHERE judged.purchase_date = few.day AND history.source_name = {generator}
)
ORDER BY day
