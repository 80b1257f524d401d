-- The last run of crypto events that was published: how long it took, and where its rows went.
SELECT EXTRACT(EPOCH FROM published_at - staged_at)::float8 AS seconds,
       raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows,
       inserted_rows, updated_rows, reactivated_rows, deactivated_rows, unchanged_rows,
       protected_rows
FROM dqm.bt_crypto_events_runs
WHERE published_at IS NOT NULL
ORDER BY published_at DESC
LIMIT 1
