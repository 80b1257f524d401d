-- The suites' verdicts on exactly the rows that this run staged last.
SELECT verdict.suite, verdict.success, verdict.tolerated
FROM dqm.dq_runs AS verdict
JOIN dqm.bt_crypto_events_runs AS run USING (run_id, staged_by)
WHERE run_id = %(run_id)s
