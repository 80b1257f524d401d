-- Whom campaigns contacted, whom they held out, and what became of both. Runs on PostgreSQL 15 to 18.

CREATE TABLE prod.bt_churn_campaigns (
    as_of          date NOT NULL,
    user_id        bigint NOT NULL,
    contacted_on   date NOT NULL,
    campaign_group text NOT NULL CHECK (campaign_group IN ('contacted', 'control')),
    source_name    text NOT NULL,
    delivered_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (as_of, user_id),
    CHECK (contacted_on >= as_of)
);
CREATE INDEX bt_churn_campaigns_contacted_on ON prod.bt_churn_campaigns (contacted_on);
COMMENT ON TABLE prod.bt_churn_campaigns IS
'Whom a campaign contacted because of a score, and whom it held out as its control
Written by: kpi campaign, kpi forget, prune_warehouse
Read by: feature_engineering, measure_outcomes, kpi campaign, people';
COMMENT ON COLUMN prod.bt_churn_campaigns.as_of IS 'The scores that were acted on: those of the last day up to contacted_on';
COMMENT ON COLUMN prod.bt_churn_campaigns.user_id IS 'A user who was scored that day';
COMMENT ON COLUMN prod.bt_churn_campaigns.contacted_on IS 'The day of the contact; of a user of the control group, the day on which others were contacted';
COMMENT ON COLUMN prod.bt_churn_campaigns.campaign_group IS 'contacted, or control: held out by chance, to compare with';
COMMENT ON COLUMN prod.bt_churn_campaigns.source_name IS 'Name of the file that said so';
COMMENT ON COLUMN prod.bt_churn_campaigns.delivered_at IS 'When it was delivered';

CREATE TABLE dqm.bt_churn_campaign_outcomes (
    as_of             date NOT NULL,
    model_version     text NOT NULL,
    last_day          date NOT NULL,
    contacted         bigint NOT NULL,
    contacted_churned bigint NOT NULL,
    control           bigint NOT NULL,
    control_churned   bigint NOT NULL,
    difference        double precision,
    difference_low    double precision,
    difference_high   double precision,
    run_id            text NOT NULL,
    measured_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (as_of, model_version)
);
COMMENT ON TABLE dqm.bt_churn_campaign_outcomes IS
'What campaigns changed: who churned of the contacted and of the control group, a row per day of scores and version
Written by: measure_outcomes, prune_warehouse
Read by: measure_outcomes, prune_warehouse, the app, people';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.as_of IS 'The day of the scores that were acted on';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.model_version IS 'The version of churn-model that made them';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.last_day IS 'The last day that decides whether a user churned';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.contacted IS 'Users who were contacted';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.contacted_churned IS 'Those of them who made no payment up to last_day';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.control IS 'Users who were held out';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.control_churned IS 'Those of them who made no payment up to last_day';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.difference IS 'Churned share of the contacted less that of the control: below 0 where contacts kept users; NULL where a group is empty';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.difference_low IS 'Lower end of its 95 % interval (Newcombe 1998)';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.difference_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.run_id IS 'The run that wrote the row last';
COMMENT ON COLUMN dqm.bt_churn_campaign_outcomes.measured_at IS 'When it did';
COMMENT ON TABLE prod.bt_churn_scores IS
'Probability that a user makes no payment in the 30 days after as_of, and what people need to act on it; a partition per month
Written by: score_users, prune_warehouse
Read by: score_users, measure_outcomes, prune_warehouse, prune_mlflow, kpi score, kpi campaign, the app, people';
