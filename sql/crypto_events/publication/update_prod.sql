-- Update, reactivate and deactivate; writes only rows that actually change.
UPDATE prod.bt_crypto_events AS live
SET {values},
    is_active = delta.operation <> 'D',
    updated_at = now()
FROM delta
WHERE delta.operation <> 'I'
  AND {same_key}
  AND live.purchase_date BETWEEN {window_start} AND {as_of}
