-- Remove a batch of old verdicts of runs that are gone.
WITH gone AS (
    DELETE FROM dqm.dq_runs AS verdict
    WHERE verdict.ctid = ANY(ARRAY(
        SELECT verdict.ctid
        FROM dqm.dq_runs AS verdict
        WHERE verdict.validated_at < %(kept_since)s
          AND NOT EXISTS (
            SELECT FROM dqm.bt_crypto_events_runs AS run WHERE run.run_id = verdict.run_id
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(verdict.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
