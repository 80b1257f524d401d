-- Candidates that share a key: the newest is kept, every other one is an exact duplicate of it
-- or a conflict (another value differs). Few do: they are looked for by a hash of the key, which is sorted in
-- half the time that a table of all keys takes.
CREATE TEMPORARY TABLE duplicates ON COMMIT DROP AS
SELECT raw_id, kept_id, exact
FROM (
    SELECT candidate.raw_id,
        first_value(candidate.raw_id) OVER newest_first AS kept_id,
        {equals_newest} AS exact
    FROM staging.bt_crypto_events_candidate AS candidate
    JOIN (
        SELECT {key}
        FROM staging.bt_crypto_events_candidate
        WHERE {hash} IN (
            SELECT hash
            FROM (
                SELECT {hash} AS hash
                FROM staging.bt_crypto_events_candidate
                ORDER BY hash
                OFFSET 0
            ) AS hashed
            GROUP BY hash
            HAVING count(*) > 1
        )
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
