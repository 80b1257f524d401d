-- Days that the run looks at as a whole.
SELECT DISTINCT purchase_date AS day
FROM staging.bt_crypto_events_keys
WHERE user_id IS NULL
ORDER BY day
