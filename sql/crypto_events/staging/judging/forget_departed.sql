-- Forget what was judged of rows that were deleted or changed since.
WITH departed AS (
    DELETE FROM raw.bt_crypto_departures RETURNING raw_id
)
DELETE FROM raw.bt_crypto_judged AS judged
USING departed
WHERE judged.raw_id = departed.raw_id
