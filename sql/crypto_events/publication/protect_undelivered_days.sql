-- A day without delivered rows deactivates nothing. The days are found first: in a join by row,
-- every candidate of a day would be compared with every vanished row of that day.
WITH kept AS (
    DELETE FROM delta
    USING (
        SELECT purchase_date
        FROM (SELECT DISTINCT purchase_date FROM delta WHERE operation = 'D' OFFSET 0) AS day
        WHERE NOT EXISTS (
            SELECT FROM staging.bt_crypto_events_candidate AS candidate
            WHERE candidate.purchase_date = day.purchase_date
        )
        AND NOT EXISTS (
            SELECT FROM staging.bt_crypto_events_days AS vouched
            WHERE vouched.day = day.purchase_date AND vouched.vouched_keys > 0
        )
    ) AS undelivered
    WHERE delta.operation = 'D'
      AND delta.purchase_date = undelivered.purchase_date
    RETURNING delta.purchase_date
)
INSERT INTO kept_live (purchase_date)
SELECT purchase_date FROM kept
