-- What was delivered of each closed day, for later days to be compared with; written only when it changes.
INSERT INTO dqm.bt_crypto_events_delivered_days AS known (day, rows, run_id)
SELECT day, rows, %(run_id)s
FROM staging.bt_crypto_events_delivered AS delivered
WHERE rule = ''
  AND day <= %(last_closed_day)s
  AND NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_pruned_days AS pruned WHERE pruned.day = delivered.day
  )
ON CONFLICT (day) DO UPDATE
SET rows = excluded.rows, run_id = excluded.run_id, recorded_at = now()
WHERE known.rows <> excluded.rows
