-- Record what the run changed. A repeated merge changes nothing, so the first counts are kept.
UPDATE dqm.bt_crypto_events_runs
SET published_at = now(),
    inserted_rows = %(inserted)s,
    updated_rows = %(updated)s,
    reactivated_rows = %(reactivated)s,
    deactivated_rows = %(deactivated)s,
    unchanged_rows = %(unchanged)s,
    protected_rows = %(protected)s
WHERE run_id = %(run_id)s
  AND (published_at IS NULL
       OR %(inserted)s + %(updated)s + %(reactivated)s + %(deactivated)s > 0)
