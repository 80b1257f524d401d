-- A run decides once: what it says when it is tried again changes nothing.
INSERT INTO dqm.bt_churn_promotions (action, version, former_version, run_id, decided_by, reasons)
VALUES (%(action)s, %(version)s, %(former_version)s, %(run_id)s, %(decided_by)s, %(reasons)s)
ON CONFLICT (run_id) DO NOTHING
