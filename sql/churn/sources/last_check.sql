-- A run's check of the source files.
SELECT source, sha256, changed, event_at FROM dqm.bt_churn_sources WHERE run_id = %(run_id)s
