-- Days of scores with a campaign whose days are over, and which was not measured, or with fewer users.
SELECT campaigns.as_of, min(scores.model_version) AS model_version
FROM prod.bt_churn_campaigns AS campaigns
JOIN prod.bt_churn_scores AS scores
    ON scores.as_of = campaigns.as_of AND scores.user_id = campaigns.user_id
WHERE campaigns.as_of BETWEEN %(since)s AND %(up_to)s
GROUP BY campaigns.as_of
HAVING count(*) > coalesce((
    SELECT sum(contacted + control)
    FROM dqm.bt_churn_campaign_outcomes AS measured
    WHERE measured.as_of = campaigns.as_of
), 0)
ORDER BY campaigns.as_of
