-- How many rows of the staged window break each rule.
SELECT reason, count(*) AS rows
FROM staging.bt_crypto_events_raw_window, unnest(reasons) AS reason
WHERE reasons IS NOT NULL
GROUP BY reason
ORDER BY rows DESC, reason
