-- What the last comparison found that was no demonstration.
SELECT drifted_share, drifted_week
FROM dqm.bt_churn_drift_runs
WHERE NOT simulated
ORDER BY snapshot_day DESC, logged_at DESC
LIMIT 1
