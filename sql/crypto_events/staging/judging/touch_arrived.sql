-- What was published with the keys of rows that arrived may change.
INSERT INTO raw.bt_crypto_touched (purchase_date, user_id)
SELECT DISTINCT purchase_date, user_id
FROM raw.bt_crypto_judged
JOIN unjudged USING (raw_id)
WHERE purchase_date IS NOT NULL AND user_id IS NOT NULL
