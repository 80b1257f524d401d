-- Except where rows stay live although they are missing, or are in conflict: the next run decides again.
INSERT INTO raw.bt_crypto_touched (purchase_date, user_id)
SELECT purchase_date, user_id FROM kept_live
UNION
SELECT purchase_date, user_id
FROM staging.bt_crypto_events_window
WHERE reasons = ARRAY[{reason}]
