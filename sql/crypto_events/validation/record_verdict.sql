INSERT INTO dqm.dq_runs (
    run_id, suite, as_of, window_start, staged_by, success, tolerated,
    expectations, failed_expectations, results
)
SELECT run_id, %(suite)s, as_of, window_start, staged_by, %(success)s, %(tolerated)s,
    %(expectations)s, %(failed_expectations)s, %(results)s
FROM dqm.bt_crypto_events_runs
WHERE run_id = %(run_id)s
ON CONFLICT (run_id, suite) DO UPDATE SET
    staged_by = excluded.staged_by,
    success = excluded.success,
    tolerated = excluded.tolerated,
    expectations = excluded.expectations,
    failed_expectations = excluded.failed_expectations,
    results = excluded.results,
    validated_at = now()
