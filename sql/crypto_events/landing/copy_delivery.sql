COPY raw.bt_crypto_transaction_history ({columns}) FROM STDIN
