-- The promotion ledger, newest first.
SELECT
    decided_at,
    action,
    version,
    former_version,
    decided_by,
    reasons,
    left(model_sha256, 12) AS model_sha256
FROM dqm.bt_churn_promotions
ORDER BY promotion_id DESC
LIMIT %(limit)s
