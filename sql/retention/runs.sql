-- Remove a batch of old runs; the last that staged and the last that published stay.
WITH gone AS (
    DELETE FROM dqm.bt_crypto_events_runs AS run
    WHERE run.ctid = ANY(ARRAY(
        SELECT run.ctid
        FROM dqm.bt_crypto_events_runs AS run
        WHERE run.staged_at < %(kept_since)s
          AND run.run_id NOT IN (
            SELECT DISTINCT ON (kind) last.run_id
            FROM (
                SELECT run_id, 'staged' AS kind, staged_at AS at FROM dqm.bt_crypto_events_runs
                UNION ALL
                SELECT run_id, 'published', published_at FROM dqm.bt_crypto_events_runs
                WHERE published_at IS NOT NULL
            ) AS last
            ORDER BY kind, at DESC
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(run.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
