-- The promotion ledger, newest first.
SELECT decided_at, action, version, former_version, decided_by, reasons
FROM dqm.bt_churn_promotions
ORDER BY promotion_id DESC
LIMIT %(limit)s
