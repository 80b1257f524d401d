-- Users whom somebody contacted in the days after one day up to another.
SELECT DISTINCT user_id
FROM prod.bt_churn_campaigns
WHERE campaign_group = 'contacted' AND contacted_on > %(after)s AND contacted_on <= %(last_day)s
ORDER BY user_id
