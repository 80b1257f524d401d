-- The columns that later statements filter, join and group by.
ANALYZE staging.bt_crypto_events_window
    (purchase_date, user_id, site_id, crypto_type, reasons, superseded_by, dismissed)
