-- The version that was Production before this version was last promoted.
SELECT former_version
FROM dqm.bt_churn_promotions
WHERE action IN ('promoted', 'accepted', 'promoted by hand') AND version = %(version)s
ORDER BY promotion_id DESC
LIMIT 1
