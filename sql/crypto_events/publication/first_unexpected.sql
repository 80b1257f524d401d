-- The first day of which a change would be published although nothing is known to have touched it.
SELECT purchase_date AS day, count(*) AS rows
FROM delta
WHERE NOT EXISTS (
    SELECT FROM staging.bt_crypto_events_keys AS touched
    WHERE NOT touched.verifies
      AND touched.purchase_date = delta.purchase_date AND touched.user_id = delta.user_id
)
AND NOT EXISTS (
    SELECT FROM staging.bt_crypto_events_keys AS touched
    WHERE NOT touched.verifies
      AND touched.purchase_date = delta.purchase_date AND touched.user_id IS NULL
)
GROUP BY day
ORDER BY day
LIMIT 1
