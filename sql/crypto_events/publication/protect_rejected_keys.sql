-- A key that was rejected is not absent: its live row stays as it is. Where the site or the
-- crypto could not be recognised, the reject protects every live row it could stand for.
DELETE FROM delta
USING staging.bt_crypto_events_raw_window AS rejected
WHERE delta.operation = 'D'
  AND rejected.reasons IS NOT NULL
  AND rejected.user_id = delta.user_id
  AND rejected.purchase_date = delta.purchase_date
  AND (rejected.site_id = delta.site_id OR rejected.site_id = ANY({sites}) IS NOT TRUE)
  AND (rejected.crypto_type = delta.crypto_type
       OR rejected.crypto_type = ANY({crypto_types}) IS NOT TRUE)
