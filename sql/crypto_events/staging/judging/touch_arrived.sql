-- What was published with the keys of rows that arrived may change; and they count for their days.
WITH arrived AS (
    SELECT purchase_date, user_id
    FROM raw.bt_crypto_judged
    JOIN unjudged USING (raw_id)
    WHERE purchase_date IS NOT NULL
), counted AS (
    INSERT INTO raw.bt_crypto_day_counts (day, generation, judged_rows)
    SELECT purchase_date, (SELECT generation FROM raw.bt_crypto_judged_contract), count(*)
    FROM arrived
    GROUP BY purchase_date
)
INSERT INTO raw.bt_crypto_touched (purchase_date, user_id)
SELECT DISTINCT purchase_date, user_id
FROM arrived
WHERE user_id IS NOT NULL
