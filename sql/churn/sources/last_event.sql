-- The source files that the last event reported.
SELECT sha256 FROM dqm.bt_churn_sources WHERE event_at IS NOT NULL ORDER BY event_at DESC LIMIT 1
