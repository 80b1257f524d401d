-- Remove a batch of old comparisons, and with them the measures of their columns.
WITH gone AS (
    DELETE FROM dqm.bt_churn_drift_runs AS comparison
    WHERE comparison.ctid = ANY(ARRAY(
        SELECT comparison.ctid
        FROM dqm.bt_churn_drift_runs AS comparison
        WHERE comparison.logged_at < %(kept_since)s
          AND comparison.snapshot_day < %(kept_from)s
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(comparison.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
