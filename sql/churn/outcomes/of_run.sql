-- What a run recorded of scores, oldest first.
SELECT *
FROM dqm.bt_churn_outcomes
WHERE run_id = %(run_id)s
ORDER BY as_of, model_version, among DESC
