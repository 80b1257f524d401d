-- Number of raw rows whose own date is in the window, counted without using the staged window.
SELECT count(*) AS dated_rows
FROM raw.bt_crypto_transaction_history
WHERE raw.date_key(purchase_date) = ANY({window_dates})
