-- Forget what campaigns changed among users whose scores are gone: it is measured again, beside the
-- scores that took their place.
DELETE FROM dqm.bt_churn_campaign_outcomes AS outcome
WHERE NOT EXISTS (
    SELECT FROM prod.bt_churn_scores AS scores
    WHERE scores.as_of = outcome.as_of AND scores.model_version = outcome.model_version
)
