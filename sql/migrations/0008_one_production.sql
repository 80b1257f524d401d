-- A change of Production is written before it is made, and what people do in MLflow is written as
-- well. Runs on PostgreSQL 15 to 18.

ALTER TABLE dqm.bt_churn_promotions DROP CONSTRAINT bt_churn_promotions_action_check;
ALTER TABLE dqm.bt_churn_promotions ADD CONSTRAINT bt_churn_promotions_action_check
    CHECK (action IN (
        'promoted', 'skipped', 'rolled back', 'promoted by hand', 'archived by hand', 'taken back'
    ));
ALTER TABLE dqm.bt_churn_promotions ADD COLUMN applied_at timestamptz;
UPDATE dqm.bt_churn_promotions SET applied_at = decided_at;

COMMENT ON TABLE dqm.bt_churn_promotions IS
'The promotion ledger: who made which version of churn-model Production, when and why; why others stayed candidates. Its last line that is not skipped says what is Production
Written by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, kpi train, kpi score, kpi model rollback
Read by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, kpi train, kpi score, kpi model history, kpi model rollback, kpi doctor, the app, people';
COMMENT ON COLUMN dqm.bt_churn_promotions.action IS
'promoted, skipped or rolled back; what somebody did in MLflow: promoted by hand, archived by hand, or taken back where the settings refuse it';
COMMENT ON COLUMN dqm.bt_churn_promotions.version IS
'The version that was decided about; of a rollback, the one that is Production again; of an archival, the one that was Production';
COMMENT ON COLUMN dqm.bt_churn_promotions.former_version IS
'What was Production before, and is again when a change was taken back; NULL when there was none';
COMMENT ON COLUMN dqm.bt_churn_promotions.run_id IS
'The training run; NULL for a rollback, and for what was done by hand';
COMMENT ON COLUMN dqm.bt_churn_promotions.applied_at IS
'When MLflow''s stage and alias were as the line says; NULL while the change is under way, or was cut short and waits for the next command to complete it';
COMMENT ON COLUMN dqm.bt_churn_drift.method IS
'How it was compared; share: how many users have another value than nearly all had; missing: how many have no value at all';
