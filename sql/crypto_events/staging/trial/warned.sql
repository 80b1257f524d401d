-- How many rows of this transaction a rule would warn of, and the first three.
SELECT count(*) AS rows,
    (array_agg(source_row_number ORDER BY source_row_number))[:3] AS first_rows
FROM (
    SELECT judged.*, history.source_row_number
    FROM raw.bt_crypto_transaction_history AS history
    JOIN raw.bt_crypto_judged AS judged USING (raw_id)
    WHERE history.arrived_at = now() AND history.xmin = pg_current_xact_id()::xid
    -- The rule looks at rows of this transaction alone.
    OFFSET 0
) AS own
WHERE ({holds}) IS FALSE
