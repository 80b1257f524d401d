-- When each pipeline last left what it is for; none, where it never did.
SELECT 'crypto_events' AS pipeline,
       (SELECT max(published_at) FROM dqm.bt_crypto_events_runs) AS last_success
UNION ALL
SELECT 'churn_training', (SELECT max(decided_at) FROM dqm.bt_churn_promotions)
UNION ALL
-- All scores of a day are of one moment.
SELECT 'churn_scoring', (SELECT scored_at FROM prod.bt_churn_scores ORDER BY as_of DESC LIMIT 1)
UNION ALL
SELECT 'churn_drift_monitor',
       (SELECT max(logged_at) FROM dqm.bt_churn_drift_runs WHERE NOT simulated)
UNION ALL
SELECT 'churn_watchdog', (SELECT max(checked_at) FROM dqm.bt_churn_sources)
UNION ALL
-- The place of which it writes last, whatever was found there; a dry run has done its work, too.
SELECT 'retention', (SELECT max(pruned_at) FROM dqm.prunings WHERE place = 'Prefect artifacts')
