-- Rows that each break one rule.
INSERT INTO raw.bt_crypto_transaction_history (
    site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
    source_name, source_row_number, arrived_at
)
SELECT
    CASE mod(number, 6) WHEN 0 THEN 'Brasil' ELSE 'BRASIL' END,
    CASE mod(number, 6) WHEN 1 THEN 'user ' || number ELSE number::text END,
    CASE mod(number, 6) WHEN 2 THEN '31/2/2025' ELSE to_char(%(day)s::date, 'FMDD/FMMM/YYYY') END,
    CASE mod(number, 6) WHEN 3 THEN NULL ELSE 'ETH' END,
    CASE mod(number, 6) WHEN 4 THEN '1,5' ELSE '3000.5' END,
    CASE mod(number, 6) WHEN 5 THEN '-1' ELSE '0.25' END,
    %(source)s,
    number,
    (%(day)s::timestamp + interval '12 hours') AT TIME ZONE 'UTC'
FROM generate_series(1, %(rows)s) AS number
