-- Rows that arrived in the window for days before it, unless a run has published that day since.
--
-- The texts that raw rows have as their date are those that were counted as they came. Whether rows of a text
-- arrived in the window is found with one index look-up: the cost does not grow with the rows that arrived for its
-- own days.
SELECT late.day, sum(late.rows)::bigint AS rows
FROM (
    SELECT calendar.day, arrived.arrived_at, arrived.rows
    FROM (SELECT DISTINCT date_key AS form FROM raw.bt_crypto_raw_counts) AS known
    JOIN dqm.calendar USING (form)
    CROSS JOIN LATERAL (
        SELECT arrived_at, count(*) AS rows
        FROM raw.bt_crypto_transaction_history AS history
        WHERE raw.date_key(history.purchase_date) = known.form
          AND history.arrived_at >= %(arrived_from)s
          AND history.arrived_at < %(arrived_before)s
        GROUP BY arrived_at
    ) AS arrived
    WHERE calendar.day < %(window_start)s
) AS late
WHERE NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_runs AS run
    WHERE run.published_at IS NOT NULL
      AND run.staged_at >= late.arrived_at
      AND late.day BETWEEN run.window_start AND run.as_of
)
GROUP BY late.day
ORDER BY late.day
