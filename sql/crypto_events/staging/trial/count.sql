-- Rows of this transaction by what keeps them from being published, with the first three of each; no
-- reason for those that pass. Of rows that share a key and
-- differ in what they must agree in, all would be asked about.
WITH own AS (
    SELECT judged.*, history.source_row_number
    FROM raw.bt_crypto_transaction_history AS history
    JOIN raw.bt_crypto_judged AS judged USING (raw_id)
    WHERE history.arrived_at = now() AND history.xmin = pg_current_xact_id()::xid
),
conflicts AS (
    SELECT {key}
    FROM own
    WHERE reasons IS NULL
    GROUP BY {key}
    HAVING count(DISTINCT ROW({fixed})) > 1
),
checked AS (
    SELECT own.source_row_number,
        CASE WHEN conflicts.user_id IS NULL THEN own.reasons ELSE ARRAY[{duplicate}] END AS reasons
    FROM own LEFT JOIN conflicts USING ({key})
)
SELECT reason, count(*) AS rows,
    (array_agg(source_row_number ORDER BY source_row_number))[:3] AS first_rows
FROM checked
LEFT JOIN LATERAL unnest(reasons) AS reason ON true
GROUP BY reason
ORDER BY rows DESC, reason
