-- What the churn model decides, and who made which version Production.

CREATE TABLE prod.bt_churn_scores (
    as_of         date NOT NULL,
    user_id       bigint NOT NULL,
    model_version text NOT NULL,
    probability   double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
    scored_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (as_of, user_id)
);
COMMENT ON TABLE prod.bt_churn_scores IS
    'Probability that a user makes no payment in the 30 days after as_of';

CREATE TABLE dqm.bt_churn_promotions (
    promotion_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action         text NOT NULL CHECK (action IN ('promoted', 'skipped', 'rolled back')),
    version        text NOT NULL,
    former_version text,
    run_id         text UNIQUE,
    decided_by     text NOT NULL,
    reasons        text[] NOT NULL,
    decided_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dqm.bt_churn_promotions IS
    'Who made which version of churn-model Production, when and why; why others stayed candidates';
