-- In the order of the delta, so that the index grows at its end.
INSERT INTO prod.bt_crypto_events (
    purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
)
SELECT purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
FROM delta
WHERE operation = 'I'
