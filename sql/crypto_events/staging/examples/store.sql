-- A raw row of a contract's examples, in a transaction that is rolled back.
INSERT INTO raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number
)
VALUES (
    %(site_id)s, %(user_id)s, %(purchase_date)s, %(crypto_type)s, %(purchase_price)s,
    %(purchase_units)s, 'example', 1
)
RETURNING raw_id
