-- One day's scores of a version, for DuckDB.
COPY (
    SELECT user_id, probability, active
    FROM prod.bt_churn_scores
    WHERE as_of = {as_of} AND model_version = {model_version}
) TO STDOUT (FORMAT csv)
