-- Remove a batch of rejects that were resolved long ago and whose row, or its corrected copy, is gone from raw.
WITH gone AS (
    DELETE FROM dqm.bt_crypto_events_rejects AS reject
    WHERE reject.ctid = ANY(ARRAY(
        SELECT reject.ctid
        FROM dqm.bt_crypto_events_rejects AS reject
        WHERE reject.resolved_at < %(kept_since)s
          AND NOT EXISTS (
            SELECT FROM raw.bt_crypto_transaction_history AS history
            WHERE history.raw_id = reject.raw_id
          )
          AND NOT EXISTS (
            SELECT FROM raw.bt_crypto_transaction_history AS copy
            WHERE copy.arrived_at = reject.resolved_at
              AND copy.source_name = 'correction of raw row ' || reject.raw_id
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(reject.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
