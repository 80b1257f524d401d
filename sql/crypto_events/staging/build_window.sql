-- Every judged row of the window, once.
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
WHERE {of_window}
