-- Candidates that share a key: the newest is kept, whatever the others say. None is a conflict.
CREATE TEMPORARY TABLE duplicates ON COMMIT DROP AS
SELECT raw_id, kept_id, true AS exact,
    CASE WHEN equal THEN 'repetition' ELSE 'older' END AS superseded_as
FROM (
    SELECT candidate.raw_id,
        first_value(candidate.raw_id) OVER newest_first AS kept_id,
        {equals_newest} AS equal
    FROM staging.bt_crypto_events_candidate AS candidate
    JOIN (
        SELECT {key}
        FROM staging.bt_crypto_events_candidate
        GROUP BY {key}
        HAVING count(*) > 1
    ) AS repeated USING ({key})
    JOIN raw.bt_crypto_transaction_history AS history USING (raw_id)
    WINDOW newest_first AS (
        PARTITION BY {key_of_candidate}
        ORDER BY history.arrived_at DESC, raw_id DESC
    )
) AS ranked
WHERE raw_id <> kept_id
