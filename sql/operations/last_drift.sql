-- What the last comparison found that was no demonstration, of a week without missing days.
SELECT drifted_share, drifted_week
FROM dqm.bt_churn_drift_runs
WHERE NOT simulated AND hole IS NULL
ORDER BY snapshot_day DESC, logged_at DESC
LIMIT 1
