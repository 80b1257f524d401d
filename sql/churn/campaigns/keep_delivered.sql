-- Who is known already stays as delivered first.
INSERT INTO prod.bt_churn_campaigns (as_of, user_id, contacted_on, campaign_group, source_name)
SELECT as_of, user_id, contacted_on, campaign_group, %(source_name)s
FROM delivered
ON CONFLICT (as_of, user_id) DO NOTHING
