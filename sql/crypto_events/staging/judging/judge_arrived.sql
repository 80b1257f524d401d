-- Judge rows that arrived. What was published with their keys may change; and they count for their days.
WITH judged AS (
    {judge}
    RETURNING purchase_date, user_id
), arrived AS (
    SELECT purchase_date, user_id FROM judged WHERE purchase_date IS NOT NULL
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
