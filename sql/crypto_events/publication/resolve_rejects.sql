-- Close the rejects of rows that are good now.
UPDATE dqm.bt_crypto_events_rejects AS reject
SET resolved_at = now(),
    resolution = CASE
        WHEN staged.superseded_by IS NULL THEN 'published by run ' || %(run_id)s
        ELSE 'superseded by raw row ' || staged.superseded_by
    END
FROM staging.bt_crypto_events_window AS staged
WHERE reject.resolved_at IS NULL
  AND reject.raw_id = staged.raw_id
  AND staged.reasons IS NULL
  AND staged.dismissed IS NULL
