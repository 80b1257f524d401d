-- Versions that were Production, or that scored somebody whose score is kept.
SELECT version FROM dqm.bt_churn_promotions WHERE action <> 'skipped'
UNION
SELECT former_version FROM dqm.bt_churn_promotions WHERE former_version IS NOT NULL
UNION
SELECT model_version FROM prod.bt_churn_scores
