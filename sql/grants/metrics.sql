-- What the metrics are counted from: times, counts and names of rules, column by column. No user, no
-- cell, no score; of a file its hash; of a person who is to be forgotten, the keyed hash by which
-- lines belong together.
GRANT USAGE ON SCHEMA prod, dqm, raw TO {role};
GRANT SELECT ON dqm.bt_crypto_events_runs, dqm.pipeline_holds, dqm.prunings TO {role};
GRANT SELECT (reason, resolved_at) ON dqm.bt_crypto_events_rejects TO {role};
GRANT SELECT (action, decided_at) ON dqm.bt_churn_promotions TO {role};
GRANT SELECT (drifted_share, drifted_week, simulated, snapshot_day, logged_at, hole)
    ON dqm.bt_churn_drift_runs TO {role};
GRANT SELECT (kind, among, roc_auc, asks_for_training, as_of, measured_at)
    ON dqm.bt_churn_outcomes TO {role};
GRANT SELECT (sha256, checked_at) ON dqm.bt_churn_sources TO {role};
GRANT SELECT (person, action, decided_at, finished_at) ON dqm.bt_forgotten TO {role};
GRANT SELECT (as_of, scored_at) ON prod.bt_churn_scores TO {role};
GRANT SELECT (delivered_at) ON raw.deliveries TO {role}
