-- Forget what was judged of rows that were deleted or changed since; what was published of them may change.
-- Each is looked up by its primary key: a join would read all that was judged.
WITH departed AS (
    DELETE FROM raw.bt_crypto_departures RETURNING raw_id
),
forgotten AS (
    DELETE FROM raw.bt_crypto_judged
    WHERE raw_id = ANY(ARRAY(SELECT raw_id FROM departed))
    RETURNING purchase_date, user_id
)
INSERT INTO raw.bt_crypto_touched (purchase_date, user_id)
SELECT DISTINCT purchase_date, user_id
FROM forgotten
WHERE purchase_date IS NOT NULL AND user_id IS NOT NULL
