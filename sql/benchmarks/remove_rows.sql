-- One row in a hundred is gone.
DELETE FROM raw.bt_crypto_transaction_history
WHERE source_name = %(source)s AND mod(source_row_number, 100) = %(remainder)s
