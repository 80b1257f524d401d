-- Closed days of the window with less than their share of the usual rows: the median of the delivered
-- days before. Not asked about: a day that was published with about as few rows; one of which raw rows
-- were pruned; one that the generator topped up.
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
    WHERE day >= {window_start} - {of_days_before} AND day < {window_start}
),
compared AS (
    SELECT day, rows,
        array_agg(rows) OVER (
            ORDER BY day
            RANGE BETWEEN {of_days_before} * interval '1 day' PRECEDING
                AND interval '1 day' PRECEDING
        ) AS before
    FROM counted
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
      AND compared.rows * 100 < usual.rows * {percent}
      AND (published.rows IS NULL OR compared.rows * 100 < published.rows * {percent})
)
SELECT day, rows, usual_rows::bigint AS usual_rows, known_days
FROM few
WHERE NOT EXISTS (
    SELECT FROM raw.bt_crypto_judged AS judged
    JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
    WHERE judged.purchase_date = few.day AND history.source_name = {generator}
)
ORDER BY day
