-- The last day with a published event; partitions and their keys are ordered by day.
SELECT purchase_date AS day
FROM prod.bt_crypto_events
WHERE is_active
ORDER BY purchase_date DESC
LIMIT 1
