-- The days whose run decides about open rejects: their own date, or the day of their arrival.
SELECT DISTINCT coalesce(
    CASE WHEN calendar.day <= (arrived_at AT TIME ZONE %(time_zone)s)::date + 1
         THEN calendar.day END,
    (arrived_at AT TIME ZONE %(time_zone)s)::date
) AS day
FROM dqm.bt_crypto_events_rejects AS reject
LEFT JOIN dqm.calendar ON calendar.form = raw.trimmed(reject.purchase_date)
WHERE reject.resolved_at IS NULL
ORDER BY day
