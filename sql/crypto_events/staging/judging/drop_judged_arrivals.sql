-- What came for days that were judged just now is judged.
DELETE FROM raw.bt_crypto_arrivals AS arrival
USING raw.bt_crypto_arrivals AS same
LEFT JOIN dqm.calendar ON calendar.form = same.date_key
WHERE arrival.ctid = same.ctid
  AND (
    calendar.day = ANY(%(days)s::date[])
    OR (
        calendar.day IS NULL
        AND same.arrived_from >= %(arrived_from)s AND same.arrived_to < %(arrived_before)s
    )
  )
