-- Record that the event of a run's check of the source files was sent.
UPDATE dqm.bt_churn_sources SET event_at = now() WHERE run_id = %(run_id)s AND event_at IS NULL
