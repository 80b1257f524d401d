-- Record the row that is kept for each one that shares its key; updated only when that changes.
INSERT INTO dqm.bt_crypto_events_superseded AS known (raw_id, kept_raw_id, superseded_as, run_id)
SELECT raw_id, superseded_by, coalesce(superseded_as, 'repetition'), %(run_id)s
FROM staging.bt_crypto_events_window
WHERE superseded_by IS NOT NULL AND reasons IS NULL AND dismissed IS NULL
ON CONFLICT (raw_id) DO UPDATE
SET kept_raw_id = excluded.kept_raw_id, superseded_as = excluded.superseded_as,
    run_id = excluded.run_id, recorded_at = now()
WHERE known.kept_raw_id <> excluded.kept_raw_id OR known.superseded_as <> excluded.superseded_as
