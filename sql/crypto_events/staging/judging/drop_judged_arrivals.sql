-- What came for days that were judged just now is judged.
DELETE FROM raw.bt_crypto_arrivals AS arrival
USING (
    SELECT ctid AS place, arrived_from, arrived_to,
        (SELECT day FROM dqm.calendar WHERE form = date_key) AS day
    FROM raw.bt_crypto_arrivals
    OFFSET 0
) AS dated
WHERE arrival.ctid = dated.place
  AND (
    dated.day = ANY(%(days)s::date[])
    OR (
        dated.day IS NULL
        AND dated.arrived_from >= %(arrived_from)s AND dated.arrived_to < %(arrived_before)s
    )
  )
