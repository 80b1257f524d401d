-- A rejected key is not missing from the source, so its live row stays unchanged. If its site or
-- crypto is unknown, or no part of the key, the reject protects every live row it could refer to; so it
-- does whatever its price and units are.
WITH kept AS (
    DELETE FROM delta
    USING staging.bt_crypto_events_raw_window AS rejected
    WHERE delta.operation = 'D'
      AND rejected.reasons IS NOT NULL
      AND rejected.user_id = delta.user_id
      AND rejected.purchase_date = delta.purchase_date
      AND {could_be}
    RETURNING delta.purchase_date, delta.user_id
)
INSERT INTO kept_live (purchase_date, user_id)
SELECT purchase_date, user_id FROM kept
