-- What was Production before the version was promoted, the last time.
SELECT former_version
FROM dqm.bt_churn_promotions
WHERE action = 'promoted' AND version = %(version)s
ORDER BY promotion_id DESC
LIMIT 1
