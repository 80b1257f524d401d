-- The event of a run's look at the source files was handed over.
UPDATE dqm.bt_churn_sources SET event_at = now() WHERE run_id = %(run_id)s AND event_at IS NULL
