-- Rows that arrived in the window for days before it, unless a run has published that day since.
SELECT late.day, sum(late.rows)::bigint AS rows
FROM (
    SELECT calendar.day, history.arrived_at, count(*) AS rows
    FROM raw.bt_crypto_transaction_history AS history
    JOIN dqm.calendar ON calendar.form = raw.trimmed(history.purchase_date)
    WHERE history.arrived_at >= %(arrived_from)s
      AND history.arrived_at < %(arrived_before)s
      AND raw.date_key(history.purchase_date) <> ALL({window_dates})
      AND calendar.day < %(window_start)s
    GROUP BY calendar.day, history.arrived_at
) AS late
WHERE NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_runs AS run
    WHERE run.published_at IS NOT NULL
      AND run.staged_at >= late.arrived_at
      AND late.day BETWEEN run.window_start AND run.as_of
)
GROUP BY late.day
ORDER BY late.day
