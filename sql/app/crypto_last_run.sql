-- The most recently staged run, and the time of the last publication.
SELECT run_id, as_of, window_start, policy, staged_at, raw_rows, candidate_rows, rejected_rows,
       superseded_rows, dismissed_rows, published_at, inserted_rows, updated_rows,
       reactivated_rows, deactivated_rows, unchanged_rows, protected_rows,
       (SELECT max(published_at) FROM dqm.bt_crypto_events_runs) AS last_published_at
FROM dqm.bt_crypto_events_runs
ORDER BY staged_at DESC
LIMIT 1
