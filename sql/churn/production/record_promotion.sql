-- A run decides once: a retry changes nothing. The exception: a skipped version may still be
-- promoted, for example with other settings, and the newer row replaces the older.
INSERT INTO dqm.bt_churn_promotions AS known
    (action, version, former_version, run_id, decided_by, reasons, model_sha256,
    applied_at)
VALUES (
    %(action)s, %(version)s, %(former_version)s, %(run_id)s, %(decided_by)s, %(reasons)s,
    %(model_sha256)s,
    CASE %(action)s WHEN 'skipped' THEN now() END
)
ON CONFLICT (run_id) DO UPDATE
SET promotion_id = DEFAULT,
    action = excluded.action,
    version = excluded.version,
    former_version = excluded.former_version,
    decided_by = excluded.decided_by,
    reasons = excluded.reasons,
    model_sha256 = excluded.model_sha256,
    decided_at = excluded.decided_at,
    applied_at = excluded.applied_at
WHERE known.action = 'skipped' AND excluded.action = 'promoted'
