-- Change the price of one row in so many.
UPDATE raw.bt_crypto_transaction_history
SET purchase_price = (purchase_price::numeric + 1)::text
WHERE source_name = %(source)s
  AND mod(source_row_number, %(one_in)s) = mod(%(remainder)s::int, %(one_in)s)
