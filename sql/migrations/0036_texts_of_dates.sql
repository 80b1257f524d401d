-- The texts that raw rows have as their date, which three statements looked for in the same way.
CREATE VIEW raw.bt_crypto_date_texts AS
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
SELECT form FROM date_texts WHERE form IS NOT NULL;
COMMENT ON VIEW raw.bt_crypto_date_texts IS
'Each text that raw rows have as their date, found with one index look-up for a text: the cost does not grow with the rows
Read by: kpi ingest, notify_success, prune_warehouse';
COMMENT ON COLUMN raw.bt_crypto_date_texts.form IS
'the start of purchase_date without blanks around it, as raw.date_key returns it; no longer than an index takes';
