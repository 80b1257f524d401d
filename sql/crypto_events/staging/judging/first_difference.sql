-- The first day on which what was kept differs from what judging anew gives, and by how many rows.
SELECT coalesce(kept.purchase_date, anew.purchase_date, kept.latest_date - 1, anew.latest_date - 1)
        AS day,
    count(*) FILTER (WHERE kept.raw_id IS NULL) AS missing_rows,
    count(*) FILTER (WHERE anew.raw_id IS NULL) AS left_over_rows,
    count(*) FILTER (WHERE kept.raw_id = anew.raw_id) AS changed_rows
FROM kept
FULL JOIN (
    SELECT * FROM raw.bt_crypto_judged
    WHERE {of_window}
) AS anew USING (raw_id)
WHERE kept IS DISTINCT FROM anew
GROUP BY day
ORDER BY day
LIMIT 1
