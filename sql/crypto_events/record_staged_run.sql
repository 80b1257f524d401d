-- Count each raw row of the window in exactly one place, and remember which transaction staged it.
INSERT INTO dqm.bt_crypto_events_runs (
    run_id, as_of, window_start, policy, staged_by,
    raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows
)
SELECT %(run_id)s, %(as_of)s, %(window_start)s, %(policy)s, pg_current_xact_id(),
    count(*),
    count(*) FILTER (WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NULL),
    count(*) FILTER (WHERE dismissed IS NULL AND reasons IS NOT NULL),
    count(*) FILTER (WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NOT NULL),
    count(*) FILTER (WHERE dismissed)
FROM staging.bt_crypto_events_window
ON CONFLICT (run_id) DO UPDATE SET
    staged_at = now(),
    staged_by = excluded.staged_by,
    raw_rows = excluded.raw_rows,
    candidate_rows = excluded.candidate_rows,
    rejected_rows = excluded.rejected_rows,
    superseded_rows = excluded.superseded_rows,
    dismissed_rows = excluded.dismissed_rows
RETURNING raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows,
    (SELECT count(*) FROM staging.bt_crypto_events_window
     WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s) AS dated_rows
