-- How many of the delivered rows are of the window and not judged.
SELECT count(*) AS rows
FROM raw.bt_crypto_transaction_history AS history
JOIN dqm.calendar ON form = raw.date_key(history.purchase_date)
WHERE day BETWEEN %(window_start)s AND %(as_of)s
  AND NOT EXISTS (
    SELECT FROM raw.bt_crypto_judged AS judged WHERE judged.raw_id = history.raw_id
)
