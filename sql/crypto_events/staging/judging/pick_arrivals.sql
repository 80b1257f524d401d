-- Take the groups of arrived rows that belong to the window, whole: what they hold for other days is
-- judged as well. A group without a date, or of a future one, belongs to where it arrived.
WITH picked AS (
    DELETE FROM raw.bt_crypto_arrivals AS arrival
    USING raw.bt_crypto_arrivals AS same
    LEFT JOIN dqm.calendar ON calendar.form = same.date_key
    WHERE arrival.ctid = same.ctid
      AND (
        calendar.day BETWEEN %(window_start)s AND %(as_of)s
        OR (
            same.arrived_from < %(arrived_before)s AND same.arrived_to >= %(arrived_from)s
            AND (
                calendar.day IS NULL
                OR calendar.day > (same.arrived_from AT TIME ZONE %(time_zone)s)::date + 1
            )
        )
      )
    RETURNING arrival.first_raw_id, arrival.last_raw_id, arrival.date_key
)
INSERT INTO unjudged (raw_id)
SELECT DISTINCT history.raw_id
FROM (SELECT DISTINCT first_raw_id, last_raw_id FROM picked) AS statement
CROSS JOIN LATERAL (
    SELECT raw_id, raw.date_group(raw.date_key(purchase_date)) AS date_key
    FROM raw.bt_crypto_transaction_history AS arrived
    WHERE raw_id BETWEEN statement.first_raw_id AND statement.last_raw_id
      AND NOT EXISTS (
          SELECT FROM raw.bt_crypto_judged AS judged WHERE judged.raw_id = arrived.raw_id
      )
    OFFSET 0
) AS history
JOIN picked
  ON picked.first_raw_id = statement.first_raw_id
 AND picked.last_raw_id = statement.last_raw_id
 AND picked.date_key IS NOT DISTINCT FROM history.date_key
