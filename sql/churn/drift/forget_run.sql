-- A run that is logged again replaces its earlier rows.
DELETE FROM dqm.bt_churn_drift_runs WHERE run_id = %(run_id)s
