-- A version is known by what its model says: the ledger keeps the SHA-256 of its document.
-- Runs on PostgreSQL 15 to 18.

ALTER TABLE dqm.bt_churn_promotions ADD COLUMN model_sha256 text
    CONSTRAINT bt_churn_promotions_model_sha256_check CHECK (model_sha256 ~ '^[0-9a-f]{64}$');
ALTER TABLE dqm.bt_churn_promotions DROP CONSTRAINT bt_churn_promotions_action_check;
ALTER TABLE dqm.bt_churn_promotions ADD CONSTRAINT bt_churn_promotions_action_check
    CHECK (action IN (
        'promoted', 'skipped', 'rolled back', 'accepted', 'promoted by hand', 'archived by hand',
        'taken back'
    ));

COMMENT ON TABLE dqm.bt_churn_promotions IS
'The promotion ledger: who made which version of churn-model Production, when and why; why others stayed candidates. Its last line that is not skipped says what is Production
Written by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, kpi train, kpi score, kpi model rollback, kpi model accept
Read by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, kpi train, kpi score, kpi model history, kpi model rollback, kpi model accept, kpi doctor, the app, people';
COMMENT ON COLUMN dqm.bt_churn_promotions.action IS
'promoted, skipped or rolled back; accepted by kpi model accept; what somebody did in MLflow: promoted by hand, archived by hand, or taken back where the settings refuse it';
COMMENT ON COLUMN dqm.bt_churn_promotions.model_sha256 IS
'SHA-256 of the document that holds the version''s model (coefficients.json in MLflow); another one is refused. NULL where the line makes no version Production, and in lines of before it was kept until the next command records it';
COMMENT ON TABLE dqm.pipeline_holds IS
'The run that has a pipeline, while it is at work and between steps that are processes of their own, as under Airflow; at most one row per pipeline
Written by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback, kpi model accept
Read by: kpi step, kpi run, kpi backfill, kpi replay, kpi plan, kpi train, kpi score, kpi drift, kpi watch, kpi model rollback, kpi model accept';
COMMENT ON TABLE dqm.schema_migrations IS
'The files of sql/migrations that were applied; every command that writes to the warehouse applies what is missing
Written by: kpi run, kpi backfill, kpi replay, kpi plan, kpi ingest, kpi rejects, kpi train, kpi score, kpi drift, kpi watch, kpi model history, kpi model rollback, kpi model accept, kpi step, kpi demo, kpi up, kpi prepare databases
Read by: kpi run, kpi backfill, kpi replay, kpi plan, kpi ingest, kpi rejects, kpi train, kpi score, kpi drift, kpi watch, kpi model history, kpi model rollback, kpi model accept, kpi step, kpi demo, kpi up, kpi prepare databases, kpi doctor';
