-- The run, and whether what is staged is still what its own transaction wrote: rows, and a day each.
SELECT run.*, staged.rows_found, staged.rows_of_others, days.days_lost
FROM dqm.bt_crypto_events_runs AS run
CROSS JOIN LATERAL (
    SELECT count(*) AS rows_found,
        count(*) FILTER (WHERE staged.xmin <> run.staged_by::xid) AS rows_of_others
    FROM staging.bt_crypto_events_window AS staged
) AS staged
CROSS JOIN LATERAL (
    SELECT run.as_of - run.window_start + 1 - count(*) AS days_lost
    FROM staging.bt_crypto_events_days AS day
    WHERE day.xmin = run.staged_by::xid AND day.day BETWEEN run.window_start AND run.as_of
) AS days
WHERE run.run_id = %(run_id)s
