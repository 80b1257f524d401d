-- Remove a batch of old segments and cities of scored users: of the months whose scores go.
WITH gone AS (
    DELETE FROM prod.bt_churn_scored_groups AS groups_of_day
    WHERE groups_of_day.ctid = ANY(ARRAY(
        SELECT groups_of_day.ctid
        FROM prod.bt_churn_scored_groups AS groups_of_day
        WHERE groups_of_day.as_of < date_trunc('month', %(kept_from)s::date)
          AND groups_of_day.as_of < (
            SELECT date_trunc('month', max(as_of)) FROM prod.bt_churn_scored_groups
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(groups_of_day.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
