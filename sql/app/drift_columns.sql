-- The columns of one comparison, largest drift relative to its threshold first.
SELECT column_name, method, threshold, score, drifted
FROM dqm.bt_churn_drift
WHERE run_id = %(run_id)s
ORDER BY score / nullif(threshold, 0) DESC NULLS LAST, column_name
