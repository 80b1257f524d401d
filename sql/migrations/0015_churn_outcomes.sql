-- Whether scores were right: measured once their days are over, estimated before. Runs on PostgreSQL
-- 15 to 18.

CREATE TABLE dqm.bt_churn_outcomes (
    as_of                 date NOT NULL,
    model_version         text NOT NULL,
    among                 text NOT NULL CHECK (among IN ('all', 'active')),
    kind                  text NOT NULL CHECK (kind IN ('realized', 'estimated', 'not measured')),
    last_day              date NOT NULL,
    users                 bigint NOT NULL,
    churned               bigint,
    expected_churned      double precision,
    roc_auc               double precision,
    roc_auc_low           double precision,
    roc_auc_high          double precision,
    calibration_error     double precision,
    contacts              bigint,
    precision_at_capacity double precision,
    lift_at_capacity      double precision,
    why                   text,
    asks_for_training     text,
    run_id                text NOT NULL,
    measured_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (as_of, model_version, among)
);
COMMENT ON TABLE dqm.bt_churn_outcomes IS
'Whether the scores of a day were right, a row per day, model version, and group of users
Written by: measure_outcomes
Read by: measure_outcomes, the app, people';
COMMENT ON COLUMN dqm.bt_churn_outcomes.as_of IS 'The day that the scores look ahead from';
COMMENT ON COLUMN dqm.bt_churn_outcomes.model_version IS 'The version of churn-model that made them';
COMMENT ON COLUMN dqm.bt_churn_outcomes.among IS 'all users that were scored, or the active ones: who had paid in the 90 days up to as_of';
COMMENT ON COLUMN dqm.bt_churn_outcomes.kind IS 'realized: measured on what happened; estimated: from the probabilities alone, while that is open; not measured: the days are over, and PAYMENTS does not hold all of them';
COMMENT ON COLUMN dqm.bt_churn_outcomes.last_day IS 'The last day that decides whether a user churned';
COMMENT ON COLUMN dqm.bt_churn_outcomes.users IS 'Users who were scored';
COMMENT ON COLUMN dqm.bt_churn_outcomes.churned IS 'Those of them who made no payment up to last_day; NULL unless realized';
COMMENT ON COLUMN dqm.bt_churn_outcomes.expected_churned IS 'The sum of their probabilities';
COMMENT ON COLUMN dqm.bt_churn_outcomes.roc_auc IS 'ROC AUC, measured or estimated; NULL where only one kind of user is left';
COMMENT ON COLUMN dqm.bt_churn_outcomes.roc_auc_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN dqm.bt_churn_outcomes.roc_auc_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN dqm.bt_churn_outcomes.calibration_error IS 'Mean difference between predicted and observed churn over deciles; NULL unless realized';
COMMENT ON COLUMN dqm.bt_churn_outcomes.contacts IS 'As many users as a campaign could contact (KPI_CHURN__CAPACITY_SHARE)';
COMMENT ON COLUMN dqm.bt_churn_outcomes.precision_at_capacity IS 'Share of the contacts with the highest probabilities who churned; of an estimate, who are expected to';
COMMENT ON COLUMN dqm.bt_churn_outcomes.lift_at_capacity IS 'How many times as many of them churned as among as many at random';
COMMENT ON COLUMN dqm.bt_churn_outcomes.why IS 'Why it was not measured';
COMMENT ON COLUMN dqm.bt_churn_outcomes.asks_for_training IS 'Why it asks for a training: the ROC AUC left the band of the version''s own holdout; NULL where it does not';
COMMENT ON COLUMN dqm.bt_churn_outcomes.run_id IS 'The run that wrote the row last';
COMMENT ON COLUMN dqm.bt_churn_outcomes.measured_at IS 'When it did';
COMMENT ON TABLE dqm.bt_churn_promotions IS
'The promotion ledger: who made which version of churn-model Production, when and why; why others stayed candidates. Its last line that is not skipped says what is Production
Written by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, kpi train, kpi score, kpi model rollback, kpi model accept
Read by: train_spark_model, evaluate_candidate, promote_model, skip_promotion, notify_success, find_production, score_users, measure_outcomes, kpi train, kpi score, kpi model history, kpi model rollback, kpi model accept, kpi doctor, the app, people';
