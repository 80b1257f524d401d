-- When each pipeline last left what it is for; none, where it never did.
SELECT 'crypto_events' AS pipeline,
       (SELECT max(published_at) FROM dqm.bt_crypto_events_runs) AS last_success
UNION ALL
-- What a person decides of a version is no training.
SELECT 'churn_training',
       (SELECT max(decided_at) FROM dqm.bt_churn_promotions WHERE action IN ('promoted', 'skipped'))
UNION ALL
-- All scores of a day are of one moment.
SELECT 'churn_scoring', (SELECT scored_at FROM prod.bt_churn_scores ORDER BY as_of DESC LIMIT 1)
UNION ALL
-- A comparison, and then the scores: the last known were measured since, or are for good. Before any
-- was measured, nobody had been scored.
SELECT 'churn_drift_monitor',
       (
           SELECT max(run.logged_at)
           FROM dqm.bt_churn_drift_runs AS run
           LEFT JOIN LATERAL (
               SELECT outcome.kind = 'realized' OR outcome.measured_at >= run.logged_at AS measured
               FROM dqm.bt_churn_outcomes AS outcome
               WHERE outcome.as_of <= run.snapshot_day
               ORDER BY outcome.as_of DESC, outcome.measured_at DESC
               LIMIT 1
           ) AS last ON true
           LEFT JOIN LATERAL (
               SELECT score.as_of <= run.snapshot_day AND score.scored_at < run.logged_at AS earlier
               FROM prod.bt_churn_scores AS score
               ORDER BY score.as_of
               LIMIT 1
           ) AS scored ON true
           WHERE NOT run.simulated AND coalesce(last.measured, scored.earlier IS NOT true)
       )
UNION ALL
SELECT 'churn_watchdog', (SELECT max(checked_at) FROM dqm.bt_churn_sources)
UNION ALL
-- The place of which it writes last, whatever was found there; a dry run has done its work, too.
SELECT 'retention', (SELECT max(pruned_at) FROM dqm.prunings WHERE place = 'Prefect artifacts')
