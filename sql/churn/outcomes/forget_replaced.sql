-- Forget what was known of scores that are gone: their day was scored again since, by any version.
DELETE FROM dqm.bt_churn_outcomes AS outcome
WHERE NOT EXISTS (
    SELECT FROM prod.bt_churn_scores AS scores
    WHERE scores.as_of = outcome.as_of AND scores.model_version = outcome.model_version
      AND scores.scored_at <= outcome.measured_at
)
