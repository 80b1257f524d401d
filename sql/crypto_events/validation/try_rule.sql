-- Fails when a rule is no condition about judged rows, or its pattern none; plans, and reads no row. By itself
-- and in brackets, so that it is one expression as a whole.
EXPLAIN
SELECT '' ~ {pattern}
FROM (
    SELECT raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
        purchase_price, purchase_units,
        unreadable_user_id, unreadable_purchase_date,
        unreadable_purchase_price, unreadable_purchase_units
    FROM raw.bt_crypto_judged
) AS judged
WHERE {holds}
