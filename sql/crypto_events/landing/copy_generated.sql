COPY raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number
) FROM STDIN
