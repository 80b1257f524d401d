-- Publish again what was set aside and shares the new key with no published row, as it was.
WITH chosen AS (
    SELECT DISTINCT ON ({key}) ctid AS place
    FROM dqm.bt_crypto_events_of_other_keys AS aside
    WHERE NOT EXISTS (SELECT FROM prod.bt_crypto_events AS event WHERE {same_key})
    ORDER BY {key}, is_active DESC, updated_at DESC, created_at DESC,
        site_id, crypto_type, purchase_price, purchase_units
),
back AS (
    DELETE FROM dqm.bt_crypto_events_of_other_keys AS aside
    USING chosen
    WHERE aside.ctid = chosen.place
    RETURNING aside.*
)
INSERT INTO prod.bt_crypto_events (
    purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units, purchase_value,
    is_active, created_at, updated_at
)
SELECT purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units, purchase_value,
    is_active, created_at, updated_at
FROM back
