INSERT INTO dqm.dq_runs (
    run_id, suite, as_of, window_start, staged_by, success, tolerated,
    expectations, failed_expectations, results,
    rows_checked, rows_vouched_for, vouched_for_by
)
SELECT run_id, %(suite)s, as_of, window_start, staged_by, %(success)s, %(tolerated)s,
    %(expectations)s, %(failed_expectations)s, %(results)s,
    %(rows_checked)s, %(rows_vouched_for)s, %(vouched_for_by)s
FROM dqm.bt_crypto_events_runs
WHERE run_id = %(run_id)s
ON CONFLICT (run_id, suite) DO UPDATE SET
    staged_by = excluded.staged_by,
    success = excluded.success,
    tolerated = excluded.tolerated,
    expectations = excluded.expectations,
    failed_expectations = excluded.failed_expectations,
    results = excluded.results,
    rows_checked = excluded.rows_checked,
    rows_vouched_for = excluded.rows_vouched_for,
    vouched_for_by = excluded.vouched_for_by,
    validated_at = now()
