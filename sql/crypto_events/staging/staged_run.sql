-- The run, and whether the staged rows are still those that its own transaction wrote.
SELECT run.*, staged.rows_found, staged.rows_of_others
FROM dqm.bt_crypto_events_runs AS run
CROSS JOIN LATERAL (
    SELECT count(*) AS rows_found,
        count(*) FILTER (WHERE staged.xmin <> run.staged_by::xid) AS rows_of_others
    FROM staging.bt_crypto_events_window AS staged
) AS staged
WHERE run.run_id = %(run_id)s
