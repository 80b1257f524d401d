INSERT INTO {table} (
    purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
)
SELECT purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
FROM delta
WHERE operation = 'I' AND {rows}
