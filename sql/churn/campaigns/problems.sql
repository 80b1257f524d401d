-- Users of a file who cannot be, by what is wrong with them, with the first three rows of each.
WITH in_another_group AS (
    -- What a contact changes lasts so many days. They must not reach into the days after scores in
    -- which the user is compared as one whom nobody contacted.
    SELECT DISTINCT delivered.user_id
    FROM delivered
    JOIN prod.bt_churn_campaigns AS kept
        ON kept.user_id = delivered.user_id AND kept.campaign_group <> delivered.campaign_group
    WHERE kept.as_of = delivered.as_of
        OR abs(
            CASE delivered.campaign_group
                WHEN 'contacted' THEN delivered.contacted_on - kept.as_of
                ELSE kept.contacted_on - delivered.as_of
            END
        ) < %(label_days)s
)
SELECT problem, count(*) AS users,
       (array_agg(row_number ORDER BY row_number))[:3] AS first_rows,
       (array_agg(user_id ORDER BY row_number))[:3] AS first_users,
       (array_agg(contacted_on ORDER BY row_number))[:3] AS first_days
FROM (
    SELECT delivered.row_number, delivered.user_id, delivered.contacted_on,
           CASE
               WHEN delivered.as_of IS NULL THEN 'before'
               WHEN delivered.contacted_on >= delivered.as_of + %(label_days)s::int THEN 'late'
               WHEN scores.user_id IS NULL THEN 'unknown'
               WHEN in_another_group.user_id IS NOT NULL THEN 'other group'
           END AS problem
    FROM delivered
    LEFT JOIN prod.bt_churn_scores AS scores
        ON scores.as_of = delivered.as_of AND scores.user_id = delivered.user_id
    LEFT JOIN in_another_group ON in_another_group.user_id = delivered.user_id
) AS judged
WHERE problem IS NOT NULL
GROUP BY problem
ORDER BY array_position(ARRAY['unknown', 'before', 'late', 'other group'], problem)
