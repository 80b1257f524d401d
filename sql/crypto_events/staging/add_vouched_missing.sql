-- Published texts that mean that nothing was known, among the rows that the run does not look at.
UPDATE staging.bt_crypto_events_delivered AS delivered
SET rows = delivered.rows + vouched.rows
FROM (
    SELECT purchase_date AS day, count(*) AS rows
    FROM raw.bt_crypto_judged AS judged
    WHERE purchase_date IN (SELECT day FROM staging.bt_crypto_events_days WHERE vouched_rows > 0)
      AND reasons IS NULL
      AND {missing}
      AND NOT EXISTS (
        SELECT FROM staging.bt_crypto_events_window AS staged WHERE staged.raw_id = judged.raw_id
      )
    GROUP BY purchase_date
) AS vouched
WHERE delivered.rule = {rule} AND delivered.day = vouched.day
