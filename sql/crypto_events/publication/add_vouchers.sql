-- The run vouches for what it checked and published: whole days, and users of others. Without such users, no
-- staged row is read.
INSERT INTO dqm.bt_crypto_events_vouchers (day, run_id)
SELECT purchase_date, %(run_id)s
FROM staging.bt_crypto_events_keys
WHERE user_id IS NULL
UNION
SELECT purchase_date, %(run_id)s
FROM staging.bt_crypto_events_window
WHERE EXISTS (SELECT FROM staging.bt_crypto_events_keys WHERE user_id IS NOT NULL)
  AND purchase_date <> ALL({whole_days}::date[]) AND reasons IS NULL AND dismissed IS NULL
ON CONFLICT DO NOTHING
