-- Recorded comparisons, including simulated ones, latest snapshot first.
SELECT run_id, snapshot_day, columns, drifted_columns, drifted_share, drifted_week,
       reference_snapshots, left_out, simulated, report, hole
FROM dqm.bt_churn_drift_runs
ORDER BY snapshot_day DESC, logged_at DESC
LIMIT %(limit)s
