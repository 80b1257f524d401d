-- What was published just now is no longer touched.
DELETE FROM raw.bt_crypto_touched
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
