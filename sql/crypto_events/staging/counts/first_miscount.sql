-- The first day with more live rows than good raw rows, among those that the run does not look at again.
SELECT day, vouched_rows, vouched_keys
FROM staging.bt_crypto_events_days
WHERE vouched_rows < vouched_keys
ORDER BY day
LIMIT 1
