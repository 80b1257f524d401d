-- Good rows that share a key: the newest is kept, with the units of all. A row of a file that arrived again
-- as it was is a repetition, and adds nothing. A conflict is a row that differs from the newest in more than
-- its units, or from what the same row of the same file said later.
--
-- Read from the table, since the candidate is without the rows that were set aside, and with sums.
CREATE TEMPORARY TABLE duplicates ON COMMIT DROP AS
SELECT raw_id, kept_id, purchase_units,
    equal AND (last_id = raw_id OR as_said_last) AS exact,
    CASE WHEN last_id = raw_id THEN 'part' ELSE 'repetition' END AS superseded_as
FROM (
    SELECT candidate.raw_id, candidate.purchase_units,
        first_value(candidate.raw_id) OVER newest_first AS kept_id,
        {equals_newest} AS equal,
        first_value(candidate.raw_id) OVER same_row AS last_id,
        {as_said_last} AS as_said_last
    FROM staging.bt_crypto_events_window AS candidate
    JOIN (
        SELECT {key}
        FROM staging.bt_crypto_events_window
        WHERE reasons IS NULL AND dismissed IS NULL
        GROUP BY {key}
        HAVING count(*) > 1
    ) AS repeated USING ({key})
    JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
    WHERE candidate.reasons IS NULL AND candidate.dismissed IS NULL
    WINDOW newest_first AS (
        PARTITION BY {key_of_candidate}
        ORDER BY history.arrived_at DESC, raw_id DESC
    ), same_row AS (
        PARTITION BY {key_of_candidate}, history.source_name, history.source_row_number
        ORDER BY history.arrived_at DESC, raw_id DESC
    )
) AS ranked
WHERE raw_id <> kept_id
