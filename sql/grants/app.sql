-- What the app may read: what is published, and of dqm what its pages show. No cell as it was delivered.
GRANT USAGE ON SCHEMA prod, dqm TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA prod TO {role};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA prod GRANT SELECT ON TABLES TO {role};
GRANT SELECT ON
    dqm.bt_crypto_events_runs, dqm.bt_churn_promotions, dqm.bt_churn_drift_runs, dqm.bt_churn_drift,
    dqm.bt_churn_outcomes, dqm.bt_churn_campaign_outcomes
    TO {role};
GRANT SELECT (raw_id, reason, rejected_at, resolved_at) ON dqm.bt_crypto_events_rejects TO {role}
