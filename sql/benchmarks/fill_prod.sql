-- Publish the older rows, which runs no longer touch.
INSERT INTO {events} (
    purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
)
SELECT to_date(purchase_date, 'DD/MM/YYYY'), site_id, user_id::bigint, crypto_type,
    purchase_price::numeric, purchase_units::numeric,
    purchase_price::numeric * purchase_units::numeric
FROM raw.bt_crypto_transaction_history
WHERE source_name = %(source)s
