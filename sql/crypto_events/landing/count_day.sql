-- The number of raw rows of one day, and the row number of the last generated one.
SELECT count(*) AS rows,
    coalesce(max(source_row_number) FILTER (WHERE source_name = %(source)s), 0) AS last_generated
FROM raw.bt_crypto_transaction_history
WHERE raw.date_key(purchase_date) = ANY({day_forms})
