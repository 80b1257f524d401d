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
    -- User by user: a join would read every row of the window.
    SELECT judged.*
    FROM staging.bt_crypto_events_keys AS touched
    CROSS JOIN LATERAL (
        SELECT * FROM raw.bt_crypto_judged
        WHERE purchase_date = touched.purchase_date AND user_id = touched.user_id
          AND reasons IS NULL
        OFFSET 0
    ) AS judged
    WHERE touched.user_id IS NOT NULL AND touched.purchase_date <> ALL({whole_days}::date[])
) AS looked_at
