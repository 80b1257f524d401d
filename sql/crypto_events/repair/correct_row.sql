-- Store a corrected copy of a rejected raw row; the row itself stays as it arrived.
INSERT INTO raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number
)
SELECT
    coalesce(%(site_id)s, site_id), coalesce(%(user_id)s, user_id),
    coalesce(%(purchase_date)s, purchase_date), coalesce(%(crypto_type)s, crypto_type),
    coalesce(%(purchase_price)s, purchase_price), coalesce(%(purchase_units)s, purchase_units),
    'correction of raw row ' || raw_id, source_row_number
FROM raw.bt_crypto_transaction_history
WHERE raw_id = %(raw_id)s
RETURNING raw_id, purchase_date
