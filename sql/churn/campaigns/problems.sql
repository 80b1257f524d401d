-- Users of a file who cannot be, by what is wrong with them, with the first user and day of each.
SELECT problem, count(*) AS users, min(user_id) AS first_user,
       (array_agg(contacted_on ORDER BY user_id))[1] AS first_day
FROM (
    SELECT delivered.user_id, delivered.contacted_on,
           CASE
               WHEN delivered.as_of IS NULL THEN 'before'
               WHEN delivered.contacted_on > delivered.as_of + %(label_days)s::int THEN 'late'
               WHEN scores.user_id IS NULL THEN 'unknown'
               WHEN campaigns.campaign_group <> delivered.campaign_group THEN 'other group'
           END AS problem
    FROM delivered
    LEFT JOIN prod.bt_churn_scores AS scores
        ON scores.as_of = delivered.as_of AND scores.user_id = delivered.user_id
    LEFT JOIN prod.bt_churn_campaigns AS campaigns
        ON campaigns.as_of = delivered.as_of AND campaigns.user_id = delivered.user_id
) AS judged
WHERE problem IS NOT NULL
GROUP BY problem
ORDER BY problem
