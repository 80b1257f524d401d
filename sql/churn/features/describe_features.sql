-- Users, churned users and their share of those for whom users speak; of how many users each feature
-- is known.
SELECT count(*) AS users, sum(churned) AS churned,
       sum(weight * churned) / sum(weight) AS churned_share, {known}
FROM {rows}
