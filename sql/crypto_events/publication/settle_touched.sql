-- What was published just now is settled; what was touched after the run had staged is not.
DELETE FROM raw.bt_crypto_touched AS touched
USING (SELECT unnest(touch_ids) AS touch_id FROM staging.bt_crypto_events_keys) AS looked_at
WHERE touched.touch_id = looked_at.touch_id
