-- The last run of crypto events that was staged, published or refused, and what it found.
SELECT raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows,
       published_at IS NOT NULL AS published
FROM dqm.bt_crypto_events_runs
ORDER BY staged_at DESC
LIMIT 1
