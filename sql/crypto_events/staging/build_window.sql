-- The rows of the window that the run looks at: bad ones, and good ones of whole days or of users.
INSERT INTO staging.bt_crypto_events_window (
    raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
    purchase_price, purchase_units, purchase_value,
    unreadable_user_id, unreadable_purchase_date,
    unreadable_purchase_price, unreadable_purchase_units, reasons
)
SELECT raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
    purchase_price, purchase_units, purchase_price * purchase_units,
    unreadable_user_id, unreadable_purchase_date,
    unreadable_purchase_price, unreadable_purchase_units, reasons
FROM (
    SELECT * FROM raw.bt_crypto_judged
    WHERE reasons IS NOT NULL AND ({of_window})
    UNION ALL
    SELECT * FROM raw.bt_crypto_judged
    WHERE reasons IS NULL AND purchase_date = ANY({whole_days}::date[])
    UNION ALL
    SELECT judged.*
    FROM raw.bt_crypto_judged AS judged
    JOIN (
        SELECT DISTINCT purchase_date, user_id
        FROM staging.bt_crypto_events_keys
        WHERE user_id IS NOT NULL AND purchase_date <> ALL({whole_days}::date[])
    ) AS looked_at USING (purchase_date, user_id)
    WHERE reasons IS NULL
) AS looked_at
