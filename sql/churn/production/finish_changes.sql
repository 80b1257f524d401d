-- MLflow's stage and alias are as the ledger's last line says.
UPDATE dqm.bt_churn_promotions SET applied_at = now() WHERE applied_at IS NULL
