COPY prod.bt_churn_scores (
    as_of, model_version, user_id, probability, active, spent_90d, segment, city, reasons
) FROM STDIN (FORMAT csv)
