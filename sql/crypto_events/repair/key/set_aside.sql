-- Of published rows that share the new key, keep a live one, the one that changed last; keep the others beside.
WITH ranked AS (
    SELECT event.tableoid AS partition, event.ctid AS place,
        row_number() OVER (
            PARTITION BY {key}
            ORDER BY is_active DESC, updated_at DESC, created_at DESC,
                site_id, crypto_type, purchase_price, purchase_units
        ) AS rank
    FROM prod.bt_crypto_events AS event
    JOIN (
        SELECT {key} FROM prod.bt_crypto_events GROUP BY {key} HAVING count(*) > 1
    ) AS repeated USING ({key})
),
others AS (
    DELETE FROM prod.bt_crypto_events AS event
    USING ranked
    WHERE rank > 1 AND event.tableoid = ranked.partition AND event.ctid = ranked.place
    RETURNING event.*
)
INSERT INTO dqm.bt_crypto_events_of_other_keys (
    purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units, purchase_value,
    is_active, created_at, updated_at
)
SELECT purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units, purchase_value,
    is_active, created_at, updated_at
FROM others
