SELECT count(*) AS live_rows
FROM prod.bt_crypto_events
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s AND is_active
