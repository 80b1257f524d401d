-- A rejected key is not missing from the source, so its live row stays unchanged. If its site or
-- crypto is unknown, the reject protects every live row it could refer to.
WITH kept AS (
    DELETE FROM delta
    USING staging.bt_crypto_events_raw_window AS rejected
    WHERE delta.operation = 'D'
      AND rejected.reasons IS NOT NULL
      AND rejected.user_id = delta.user_id
      AND rejected.purchase_date = delta.purchase_date
      AND (rejected.site_id = delta.site_id OR rejected.site_id = ANY({sites}) IS NOT TRUE)
      AND (rejected.crypto_type = delta.crypto_type
           OR rejected.crypto_type = ANY({crypto_types}) IS NOT TRUE)
    RETURNING delta.purchase_date, delta.user_id
)
INSERT INTO kept_live (purchase_date, user_id)
SELECT purchase_date, user_id FROM kept
