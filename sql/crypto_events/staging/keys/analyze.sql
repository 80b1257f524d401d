-- The columns by which rows are looked up.
ANALYZE staging.bt_crypto_events_keys (purchase_date, user_id)
