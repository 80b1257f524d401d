-- Publish the day's scores. In the order of users, so that their key grows at its end.
INSERT INTO prod.bt_churn_scores (
    as_of, user_id, model_version, probability, active, spent_90d, segment, city, reasons
)
SELECT %(as_of)s, user_id, %(model_version)s, probability, active, spent_90d, segment, city, reasons
FROM scored
ORDER BY user_id
