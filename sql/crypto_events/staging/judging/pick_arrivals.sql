-- Take the groups of arrived rows that belong to the window, whole: what they hold for other days is
-- judged as well. A group without a date, or of a future one, belongs to where it arrived.
WITH picked AS (
    DELETE FROM raw.bt_crypto_arrivals AS arrival
    USING (
        -- Each text is looked up once: a join would read the whole calendar. A group has no empty text.
        SELECT coalesce(date_key, '') AS form,
            (SELECT day FROM dqm.calendar WHERE form = date_key) AS day
        FROM (SELECT DISTINCT date_key FROM raw.bt_crypto_arrivals OFFSET 0) AS text
        OFFSET 0
    ) AS dated
    WHERE coalesce(arrival.date_key, '') = dated.form
      AND (
        dated.day BETWEEN %(window_start)s AND %(as_of)s
        OR (
            arrival.arrived_from < %(arrived_before)s AND arrival.arrived_to >= %(arrived_from)s
            AND (
                dated.day IS NULL
                OR dated.day > (arrival.arrived_from AT TIME ZONE %(time_zone)s)::date + 1
            )
        )
      )
    RETURNING arrival.first_raw_id, arrival.last_raw_id, arrival.date_key
),
-- Both by their primary keys, without the rows: little of a wide range may be new.
new AS MATERIALIZED (
    SELECT statement.first_raw_id, statement.last_raw_id, unknown.raw_id
    FROM (
        SELECT DISTINCT first_raw_id, last_raw_id FROM picked WHERE first_raw_id < last_raw_id
    ) AS statement
    CROSS JOIN LATERAL (
        SELECT raw_id FROM raw.bt_crypto_transaction_history
        WHERE raw_id BETWEEN statement.first_raw_id AND statement.last_raw_id
        EXCEPT ALL
        SELECT raw_id FROM raw.bt_crypto_judged
        WHERE raw_id BETWEEN statement.first_raw_id AND statement.last_raw_id
    ) AS unknown
    UNION ALL
    SELECT first_raw_id, last_raw_id, first_raw_id
    FROM picked
    WHERE first_raw_id = last_raw_id
      AND NOT EXISTS (SELECT FROM raw.bt_crypto_judged WHERE raw_id = first_raw_id)
),
-- Statements of which a group is left for later. Of any other, each row is judged, and need not be read to learn
-- its group.
partly AS MATERIALIZED (
    SELECT DISTINCT first_raw_id, last_raw_id
    FROM raw.bt_crypto_arrivals AS arrival
    WHERE first_raw_id < last_raw_id
      AND NOT EXISTS (
        SELECT FROM picked
        WHERE (picked.first_raw_id, picked.last_raw_id) = (arrival.first_raw_id, arrival.last_raw_id)
          AND picked.date_key IS NOT DISTINCT FROM arrival.date_key
      )
),
-- Materialized, so that each row is read once, however many dates its statement has.
found AS MATERIALIZED (
    SELECT new.*, history.date_key
    FROM new
    JOIN partly USING (first_raw_id, last_raw_id)
    CROSS JOIN LATERAL (
        SELECT raw.date_group(raw.date_key(purchase_date)) AS date_key
        FROM raw.bt_crypto_transaction_history
        WHERE raw_id = new.raw_id
        OFFSET 0
    ) AS history
)
INSERT INTO unjudged (raw_id)
SELECT raw_id
FROM new
LEFT JOIN partly USING (first_raw_id, last_raw_id)
WHERE partly.first_raw_id IS NULL
UNION
SELECT raw_id
FROM found
JOIN picked USING (first_raw_id, last_raw_id)
WHERE picked.date_key IS NOT DISTINCT FROM found.date_key
