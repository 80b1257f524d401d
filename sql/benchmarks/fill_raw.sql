-- Rows that look like a marketplace's. User, site, price and units are derived from the row number,
-- so every database gets the same rows. Each day gets an equal share, arriving at noon that day.
INSERT INTO raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number, arrived_at
)
SELECT
    (ARRAY['ARGENTINA', 'BRASIL', 'MEXICO'])[1 + mod(hash, 3)],
    1 + mod(number * 15485863, 999999937),
    to_char(day, 'FMDD/FMMM/YYYY'),
    (ARRAY['BTC', 'ETH', 'USDC'])[1 + mod(hash / 3, 3)],
    round((ARRAY[60000, 3000, 1])[1 + mod(hash / 3, 3)] * (0.95 + mod(hash / 9, 100000) / 1e6), 4),
    round((100 + mod(hash / 9, 900000) / 100.0) / (ARRAY[60000, 3000, 1])[1 + mod(hash / 3, 3)], 8),
    %(source)s,
    number,
    (day + interval '12 hours') AT TIME ZONE 'UTC'
FROM (
    SELECT number,
        hashint8(number) & 2147483647 AS hash,
        %(first_day)s::timestamp
            + interval '1 day' * ((number - %(first_number)s) * %(days)s / %(rows)s) AS day
    FROM generate_series(%(first_number)s::bigint, %(first_number)s::bigint + %(rows)s - 1)
        AS number
) AS numbered
