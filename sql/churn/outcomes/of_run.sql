-- What a run recorded of scores, and what runs recorded that were cut short before they told, oldest first.
SELECT *
FROM dqm.bt_churn_outcomes
WHERE run_id = %(run_id)s OR told_at IS NULL
ORDER BY as_of, model_version, among DESC
