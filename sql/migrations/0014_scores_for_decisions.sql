-- What people need beside a score to act on it. Runs on PostgreSQL 15 to 18.

ALTER TABLE prod.bt_churn_scores
    ADD COLUMN active boolean,
    ADD COLUMN spent_90d double precision,
    ADD COLUMN segment text,
    ADD COLUMN city text,
    ADD COLUMN reasons text[];
-- Ranked pages of the users who are still there: the app's first.
CREATE INDEX bt_churn_scores_ranked
    ON prod.bt_churn_scores (as_of, active, probability DESC, user_id) INCLUDE (spent_90d);

COMMENT ON TABLE prod.bt_churn_scores IS
'Probability that a user makes no payment in the 30 days after as_of, and what people need to act on it; a partition per month
Written by: score_users, prune_warehouse
Read by: score_users, measure_outcomes, prune_warehouse, prune_mlflow, kpi score, the app, people';
COMMENT ON COLUMN prod.bt_churn_scores.active IS
'Whether the user paid in the 90 days up to as_of; NULL in scores of before it was kept';
COMMENT ON COLUMN prod.bt_churn_scores.spent_90d IS
'What the user paid in these 90 days, in the currency of PAYMENTS; NULL in scores of before it was kept';
COMMENT ON COLUMN prod.bt_churn_scores.segment IS
'The segment of most of the user''s payments in these 90 days; of equally many, the first by name; NULL where unknown';
COMMENT ON COLUMN prod.bt_churn_scores.city IS
'The user''s city by DEMOGRAFICOS; NULL where unknown';
COMMENT ON COLUMN prod.bt_churn_scores.reasons IS
'The features that raise the probability most against the average user, the strongest first, three at most; NULL in scores of before they were kept';
