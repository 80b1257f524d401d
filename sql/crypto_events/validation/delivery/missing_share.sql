-- Days of the window on which too many cells of a column are missing.
SELECT day, missing, rows
FROM (
    SELECT day, without.rows AS missing, delivered.rows
    FROM staging.bt_crypto_events_delivered AS without
    JOIN staging.bt_crypto_events_delivered AS delivered USING (day)
    WHERE without.rule = {rule} AND delivered.rule = ''
) AS counted
WHERE {too_many}
ORDER BY day
