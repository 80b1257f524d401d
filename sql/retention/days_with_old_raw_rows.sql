-- Days before the kept period that have raw rows, oldest first. The distinct texts are found with
-- one index look-up each.
WITH RECURSIVE date_texts AS (
    (
        SELECT raw.date_key(purchase_date) AS form
        FROM raw.bt_crypto_transaction_history
        ORDER BY raw.date_key(purchase_date)
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT raw.date_key(purchase_date)
        FROM raw.bt_crypto_transaction_history
        WHERE raw.date_key(purchase_date) > date_texts.form
        ORDER BY raw.date_key(purchase_date)
        LIMIT 1
    )
    FROM date_texts
    WHERE date_texts.form IS NOT NULL
)
SELECT DISTINCT calendar.day
FROM date_texts
JOIN dqm.calendar ON calendar.form = date_texts.form
WHERE calendar.day < %(kept_from)s
ORDER BY calendar.day
