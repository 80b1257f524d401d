-- Remove a batch of what was recorded about repetitions whose raw row is gone.
WITH gone AS (
    DELETE FROM dqm.bt_crypto_events_superseded AS repetition
    WHERE repetition.ctid = ANY(ARRAY(
        SELECT repetition.ctid
        FROM dqm.bt_crypto_events_superseded AS repetition
        WHERE repetition.recorded_at < %(kept_since)s
          AND NOT EXISTS (
            SELECT FROM raw.bt_crypto_transaction_history AS history
            WHERE history.raw_id = repetition.raw_id
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(repetition.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
