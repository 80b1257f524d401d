-- The days for which this transaction stored rows.
SELECT DISTINCT calendar.day
FROM (
    SELECT DISTINCT raw.trimmed(purchase_date) AS form
    FROM raw.bt_crypto_transaction_history
    WHERE arrived_at = now() AND xmin = pg_current_xact_id()::xid
) AS delivered
JOIN dqm.calendar USING (form)
ORDER BY calendar.day
