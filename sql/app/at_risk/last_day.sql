-- The last day that was scored, with its version.
SELECT as_of, model_version
FROM prod.bt_churn_scores
ORDER BY as_of DESC
LIMIT 1
