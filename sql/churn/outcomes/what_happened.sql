-- Scores with what happened, as a training labels it: no payment from the day after the scores up to
-- the last day is churn.
SELECT scores.probability, coalesce(scores.active, false) AS active,
       scores.active IS NOT NULL AS knows_active,
       CASE WHEN paid.user_id IS NULL THEN 1 ELSE 0 END AS churned,
       scores.campaign_group = 'contacted' AS contacted,
       scores.campaign_group = 'control' AS held_out, scores.campaign
FROM read_csv(
    {scores}, header = false,
    columns = {{
        'user_id': 'BIGINT', 'probability': 'DOUBLE', 'active': 'BOOLEAN',
        'campaign_group': 'VARCHAR', 'campaign': 'INTEGER'
    }}
) AS scores
LEFT JOIN (
    SELECT DISTINCT user_id FROM {payments} WHERE paid_on > {as_of} AND paid_on <= {last_day}
) AS paid ON paid.user_id = scores.user_id
ORDER BY scores.user_id
