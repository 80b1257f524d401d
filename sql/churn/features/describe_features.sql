-- Users, churned users, and of how many users each feature is known.
SELECT count(*) AS users, sum(churned) AS churned, {known} FROM {rows}
