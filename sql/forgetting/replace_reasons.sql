UPDATE dqm.bt_churn_promotions
SET decided_by = %(decided_by)s, reasons = %(reasons)s
WHERE promotion_id = %(promotion_id)s
