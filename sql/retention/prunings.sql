-- Remove a batch of what retention wrote about itself long ago.
WITH gone AS (
    DELETE FROM dqm.prunings AS pruning
    WHERE pruning.ctid = ANY(ARRAY(
        SELECT pruning.ctid
        FROM dqm.prunings AS pruning
        WHERE pruning.pruned_at < %(kept_since)s
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(pruning.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
