-- A day for which the source delivered nothing retires nothing.
DELETE FROM delta
WHERE operation = 'D'
  AND NOT EXISTS (
    SELECT FROM staging.bt_crypto_events_candidate AS candidate
    WHERE candidate.purchase_date = delta.purchase_date
  )
