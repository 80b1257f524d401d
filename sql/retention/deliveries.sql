-- Remove a batch of what was written about deliveries.
WITH gone AS (
    DELETE FROM raw.deliveries AS delivery
    WHERE delivery.ctid = ANY(ARRAY(
        SELECT delivery.ctid
        FROM raw.deliveries AS delivery
        WHERE delivery.delivered_at < %(kept_since)s
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(delivery.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
