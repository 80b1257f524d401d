-- Update, reactivate and deactivate; writes only rows that actually change.
UPDATE prod.bt_crypto_events AS live
SET purchase_price = coalesce(delta.purchase_price, live.purchase_price),
    purchase_units = coalesce(delta.purchase_units, live.purchase_units),
    purchase_value = coalesce(delta.purchase_value, live.purchase_value),
    is_active = delta.operation <> 'D',
    updated_at = now()
FROM delta
WHERE delta.operation <> 'I'
  AND live.purchase_date = delta.purchase_date
  AND live.site_id = delta.site_id
  AND live.user_id = delta.user_id
  AND live.crypto_type = delta.crypto_type
  AND live.purchase_date BETWEEN {window_start} AND {as_of}
