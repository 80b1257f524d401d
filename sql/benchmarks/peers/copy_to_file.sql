COPY (
    SELECT site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units {origin}
    FROM raw.bt_crypto_transaction_history ORDER BY raw_id
) TO STDOUT (FORMAT csv, HEADER)
