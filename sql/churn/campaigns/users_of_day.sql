SELECT user_id, campaign_group = 'contacted' AS contacted
FROM prod.bt_churn_campaigns
WHERE as_of = %(as_of)s
ORDER BY user_id
