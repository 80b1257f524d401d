-- What the analyst may read: what is or was published, and all of dqm but cells as they were delivered, their
-- hash, and what people wrote about them. raw, staging and locks are closed.
GRANT USAGE ON SCHEMA prod, dqm TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA prod TO {role};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA prod GRANT SELECT ON TABLES TO {role};
GRANT SELECT ON
    dqm.bt_crypto_events_runs, dqm.bt_crypto_events_superseded, dqm.dq_runs, dqm.calendar,
    dqm.calendar_contract, dqm.bt_churn_promotions, dqm.bt_churn_drift_runs, dqm.bt_churn_drift,
    dqm.bt_churn_sources, dqm.bt_churn_outcomes, dqm.bt_churn_campaign_outcomes,
    dqm.bt_crypto_events_pruned_days, dqm.bt_crypto_events_delivered_days,
    dqm.bt_crypto_events_vouchers, dqm.bt_crypto_events_of_other_keys, dqm.prunings,
    dqm.pipeline_holds, dqm.schema_migrations
    TO {role};
GRANT SELECT (
    reject_id, run_id, raw_id, reason, as_of, source_name, source_row_number, arrived_at, rejected_at,
    resolved_at
) ON dqm.bt_crypto_events_rejects TO {role};
GRANT SELECT (dismissed_by, dismissed_at) ON dqm.bt_crypto_events_dismissals TO {role}
