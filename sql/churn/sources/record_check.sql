-- Record a check of the source files. It no longer changes once its event has been sent.
INSERT INTO dqm.bt_churn_sources AS known (run_id, source, sha256, changed)
VALUES (%(run_id)s, %(source)s, %(sha256)s, %(changed)s::text[])
ON CONFLICT (run_id) DO UPDATE
SET source = excluded.source, sha256 = excluded.sha256, changed = excluded.changed,
    checked_at = now()
WHERE known.event_at IS NULL
