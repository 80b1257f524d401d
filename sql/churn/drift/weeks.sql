-- The latest weeks with a verdict on real data, newest first: a week's last snapshot decides. One that
-- is not comparable, because days of payments are missing, has no verdict.
SELECT DISTINCT ON (date_trunc('week', snapshot_day::timestamp)) snapshot_day, drifted_week
FROM dqm.bt_churn_drift_runs
WHERE NOT simulated AND hole IS NULL
ORDER BY date_trunc('week', snapshot_day::timestamp) DESC, snapshot_day DESC, logged_at DESC
LIMIT %(weeks)s
