-- Retention removes measures of scores with the scores. Runs on PostgreSQL 15 to 18.

COMMENT ON TABLE dqm.bt_churn_outcomes IS
'Whether the scores of a day were right, a row per day, model version, and group of users
Written by: measure_outcomes, prune_warehouse
Read by: measure_outcomes, prune_warehouse, the app, people';
