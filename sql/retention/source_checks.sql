-- Remove a batch of old looks at the source files; the last look and the last event of a folder stay.
WITH gone AS (
    DELETE FROM dqm.bt_churn_sources AS look
    WHERE look.ctid = ANY(ARRAY(
        SELECT look.ctid
        FROM dqm.bt_churn_sources AS look
        WHERE look.checked_at < %(kept_since)s
          AND EXISTS (
            SELECT FROM dqm.bt_churn_sources AS later
            WHERE later.source = look.source AND later.checked_at > look.checked_at
          )
          AND (
            look.event_at IS NULL
            OR EXISTS (
                SELECT FROM dqm.bt_churn_sources AS later
                WHERE later.source = look.source AND later.event_at > look.event_at
            )
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(look.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
