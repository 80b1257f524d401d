-- The SHA-256 by which the version is known since it was last made Production.
SELECT model_sha256
FROM dqm.bt_churn_promotions
WHERE
    action IN ('promoted', 'rolled back', 'accepted', 'promoted by hand')
    AND version = %(version)s
ORDER BY promotion_id DESC
LIMIT 1
