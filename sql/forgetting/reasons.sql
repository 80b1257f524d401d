-- Who decided about a version of the model, and why.
SELECT promotion_id, action, decided_by, reasons FROM dqm.bt_churn_promotions ORDER BY promotion_id
