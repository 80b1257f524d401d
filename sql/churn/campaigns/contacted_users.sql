-- Users of the campaigns of some days. Who was contacted teaches nothing; who was held out speaks for
-- users like them, and weighs one by the share that chance held out. Who is in a campaign again
-- before their days are over stays in their group, so that chance decides about them once.
WITH named AS (
    SELECT user_id, as_of, campaign_group,
           coalesce(contacted_on - lag(contacted_on) OVER of_user >= %(label_days)s, true) AS drawn
    FROM prod.bt_churn_campaigns
    WHERE contacted_on > %(after)s AND contacted_on <= %(last_day)s
    WINDOW of_user AS (PARTITION BY user_id ORDER BY contacted_on)
),
campaigns AS (
    SELECT as_of, avg((campaign_group = 'control')::int)::double precision AS held_out
    FROM named
    WHERE drawn
    GROUP BY as_of
)
SELECT user_id,
       bool_or(campaign_group = 'contacted') AS contacted,
       coalesce(bool_and(held_out > 0) FILTER (WHERE drawn), false) AS spoken_for,
       coalesce(exp(-sum(ln(nullif(held_out, 0))) FILTER (WHERE drawn)), 1) AS weight
FROM named
LEFT JOIN campaigns USING (as_of)
GROUP BY user_id
ORDER BY user_id
