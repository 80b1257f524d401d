-- Somebody was told of these scores.
UPDATE dqm.bt_churn_outcomes
SET told_at = now()
WHERE as_of = %(as_of)s AND model_version = %(model_version)s AND among = %(among)s
