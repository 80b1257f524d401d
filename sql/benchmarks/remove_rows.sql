-- Remove one row in a hundred.
DELETE FROM raw.bt_crypto_transaction_history
WHERE source_name = %(source)s AND mod(source_row_number, 100) = %(remainder)s
