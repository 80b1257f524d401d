-- Count each raw row of the window exactly once, and record the transaction that staged them.
-- Those that the run does not look at again are published or exact duplicates.
WITH vouched AS (
    SELECT sum(vouched_rows)::bigint AS rows, sum(vouched_keys)::bigint AS keys
    FROM staging.bt_crypto_events_days
), counted AS (
    SELECT
        count(*) + (SELECT rows FROM vouched) AS raw_rows,
        (SELECT rows FROM vouched) AS vouched_rows,
        count(*) FILTER (
            WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NULL
        ) + (SELECT keys FROM vouched) AS candidate_rows,
        count(*) FILTER (WHERE dismissed IS NULL AND reasons IS NOT NULL) AS rejected_rows,
        count(*) FILTER (
            WHERE dismissed IS NULL AND reasons IS NULL AND superseded_by IS NOT NULL
        ) + (SELECT rows - keys FROM vouched) AS superseded_rows,
        count(*) FILTER (WHERE dismissed) AS dismissed_rows,
        count(*) FILTER (
            WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
        ) + (SELECT rows FROM vouched) AS dated_rows
    FROM staging.bt_crypto_events_window
), recorded AS (
    INSERT INTO dqm.bt_crypto_events_runs (
        run_id, as_of, window_start, policy, staged_by,
        raw_rows, vouched_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows
    )
    SELECT %(run_id)s, %(as_of)s, %(window_start)s, %(policy)s, pg_current_xact_id(),
        raw_rows, vouched_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows
    FROM counted
    ON CONFLICT (run_id) DO UPDATE SET
        staged_at = now(),
        staged_by = excluded.staged_by,
        raw_rows = excluded.raw_rows,
        vouched_rows = excluded.vouched_rows,
        candidate_rows = excluded.candidate_rows,
        rejected_rows = excluded.rejected_rows,
        superseded_rows = excluded.superseded_rows,
        dismissed_rows = excluded.dismissed_rows
)
SELECT * FROM counted
