-- A day that was checked as a whole needs no earlier run.
DELETE FROM dqm.bt_crypto_events_vouchers
WHERE day IN (SELECT purchase_date FROM staging.bt_crypto_events_keys WHERE user_id IS NULL)
