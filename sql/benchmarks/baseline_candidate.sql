-- The common way to read the window: every raw row, a regular expression, to_date.
INSERT INTO benchmark.baseline_candidate (
    purchase_date, site_id, user_id, crypto_type,
    purchase_price, purchase_units, purchase_value
)
SELECT to_date(purchase_date, 'DD/MM/YYYY'), site_id, user_id::bigint, crypto_type,
    purchase_price::numeric, purchase_units::numeric,
    purchase_price::numeric * purchase_units::numeric
FROM raw.bt_crypto_transaction_history
WHERE CASE WHEN purchase_date ~ '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$'
      THEN to_date(purchase_date, 'DD/MM/YYYY') BETWEEN %(window_start)s AND %(as_of)s END
