-- The last score of one user.
SELECT as_of, user_id, model_version, probability, active, spent_90d, segment, city, reasons
FROM prod.bt_churn_scores
WHERE as_of = %(as_of)s AND user_id = %(user_id)s
