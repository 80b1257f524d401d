-- Remove a batch of raw rows that were replaced long ago.
WITH gone AS (
    DELETE FROM raw.bt_crypto_transaction_history_replaced AS replaced
    WHERE replaced.ctid = ANY(ARRAY(
        SELECT replaced.ctid
        FROM raw.bt_crypto_transaction_history_replaced AS replaced
        WHERE replaced.replaced_at < %(kept_since)s
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(replaced.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
