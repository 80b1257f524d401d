-- Returns a row only when something is wrong; Great Expectations fills in the table, which can have no
-- alias.
WITH looked_at AS (
    SELECT purchase_date AS day, user_id AS buyer FROM staging.bt_crypto_events_keys
)
SELECT count(*) AS unknown_rows
FROM {batch}
WHERE NOT EXISTS (SELECT FROM looked_at WHERE day = purchase_date AND buyer = user_id)
  AND NOT EXISTS (SELECT FROM looked_at WHERE day = purchase_date AND buyer IS NULL)
HAVING count(*) > 0
