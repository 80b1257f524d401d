-- A run that is logged again takes its own place.
DELETE FROM dqm.bt_churn_drift_runs WHERE run_id = %(run_id)s
