-- Features with what happened in the label window: no payment from the day after the cutoff up
-- to the last day is churn. A user's hash decides for good who is never trained on (holdout),
-- and among the others who chooses the regularization (validation).
SELECT features.*,
       CASE WHEN paid.user_id IS NULL THEN 1 ELSE 0 END AS churned,
       md5(concat('holdout ', CAST(features.user_id AS STRING))) < '{holdout_below}' AS in_holdout,
       md5(concat('validation ', CAST(features.user_id AS STRING))) < '{validation_below}'
           AS in_validation
FROM ({features}) AS features
LEFT JOIN (
    SELECT DISTINCT user_id FROM {payments} WHERE paid_on > {cutoff} AND paid_on <= {last_day}
) AS paid ON paid.user_id = features.user_id
ORDER BY features.user_id
