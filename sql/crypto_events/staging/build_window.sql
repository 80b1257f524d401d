-- Every judged row of the window, once: by its own date, or, when that is unreadable or in the future,
-- by its day of arrival.
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
FROM raw.bt_crypto_judged
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
   OR (
        (purchase_date IS NULL OR purchase_date > latest_date)
        AND latest_date - 1 BETWEEN %(window_start)s AND %(as_of)s
   )
