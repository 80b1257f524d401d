-- Days before the kept period that have raw rows, oldest first.
SELECT DISTINCT calendar.day
FROM raw.bt_crypto_date_texts
JOIN dqm.calendar USING (form)
WHERE calendar.day < %(kept_from)s
ORDER BY calendar.day
