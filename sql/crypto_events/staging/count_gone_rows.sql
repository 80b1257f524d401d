-- Staged rows without a date in the window, whose raw row is gone. Those with one are counted as dated.
SELECT count(*) AS gone_rows
FROM staging.bt_crypto_events_window AS staged
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s IS NOT TRUE
  AND NOT EXISTS (
    SELECT FROM raw.bt_crypto_transaction_history AS history
    WHERE history.raw_id = staged.raw_id
  )
