-- Remove a batch of old measures of scores: of the months whose scores go.
WITH gone AS (
    DELETE FROM dqm.bt_churn_outcomes AS outcome
    WHERE outcome.ctid = ANY(ARRAY(
        SELECT outcome.ctid
        FROM dqm.bt_churn_outcomes AS outcome
        WHERE outcome.as_of < date_trunc('month', %(kept_from)s::date)
          AND outcome.as_of < (
            SELECT date_trunc('month', max(as_of)) FROM dqm.bt_churn_outcomes
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(outcome.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
