-- The days for which this transaction stored rows, by what the triggers on the raw rows counted: the rows
-- themselves are not read again.
SELECT DISTINCT calendar.day
FROM raw.bt_crypto_raw_counts AS counts
JOIN dqm.calendar ON calendar.form = counts.date_key
WHERE counts.xmin = pg_current_xact_id()::xid AND counts.rows > 0
ORDER BY calendar.day
