SELECT user_id, contacted_on, campaign_group FROM {source} ORDER BY user_id
