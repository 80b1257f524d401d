-- Change the price of one row in a hundred.
UPDATE raw.bt_crypto_transaction_history
SET purchase_price = (purchase_price::numeric + 1)::text
WHERE source_name = %(source)s AND mod(source_row_number, 100) = %(remainder)s
