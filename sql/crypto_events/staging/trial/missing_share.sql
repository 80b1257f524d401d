-- Days of this transaction's rows on which too many cells of a column are missing.
SELECT day, missing, rows
FROM (
    SELECT coalesce(purchase_date, latest_date - 1) AS day,
        count(*) FILTER (WHERE {missing}) AS missing,
        count(*) AS rows
    FROM (
        SELECT judged.*
        FROM raw.bt_crypto_transaction_history AS history
        JOIN raw.bt_crypto_judged AS judged USING (raw_id)
        WHERE history.arrived_at = now() AND history.xmin = pg_current_xact_id()::xid
    ) AS own
    GROUP BY day
) AS counted
WHERE {too_many}
ORDER BY day
