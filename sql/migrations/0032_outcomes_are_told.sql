-- Which measures of scores were told, of which scores, and among users whom no campaign contacted. Runs
-- on PostgreSQL 15 to 18.

ALTER TABLE dqm.bt_churn_outcomes
    ADD COLUMN expected_roc_auc double precision,
    ADD COLUMN told_at timestamptz,
    DROP CONSTRAINT bt_churn_outcomes_among_check,
    ADD CONSTRAINT bt_churn_outcomes_among_check CHECK (
        among IN ('all', 'active', 'not contacted', 'active, not contacted')
    );
-- What was recorded before was told then, or is too old to be.
UPDATE dqm.bt_churn_outcomes SET told_at = measured_at;

COMMENT ON COLUMN dqm.bt_churn_outcomes.among IS
'all users that were scored, or the active ones: who had paid in the 90 days up to as_of. Both also as not contacted: without whom a campaign contacted up to last_day, so that its effect is not taken for the model''s; of a campaign that held users out, these speak for the contacted, too';
COMMENT ON COLUMN dqm.bt_churn_outcomes.expected_roc_auc IS
'The ROC AUC that the probabilities alone say of these users, where contacted users are missing for whom nobody was held out: what roc_auc is judged by, for it is not comparable with one of everybody; else NULL';
COMMENT ON COLUMN dqm.bt_churn_outcomes.told_at IS
'When MLflow and whoever trains were told; NULL where the run was cut short before it: the next one tells';

-- The ledger says what asked for a training.
COMMENT ON TABLE dqm.bt_churn_outcomes IS
'Whether the scores of a day were right, a row per day, model version, and group of users
Written by: measure_outcomes, prune_warehouse
Read by: measure_outcomes, promote_model, skip_promotion, prune_warehouse, the app, people';
COMMENT ON TABLE dqm.bt_churn_drift_runs IS
'One row per comparison of a snapshot with the weeks before it
Written by: log_drift_result
Read by: log_drift_result, promote_model, skip_promotion, kpi drift, the app';
COMMENT ON TABLE dqm.bt_churn_sources IS
'One row per look at the five source files
Written by: detect_source_changes, emit_source_update, kpi watch
Read by: detect_source_changes, emit_source_update, promote_model, skip_promotion, kpi watch';
