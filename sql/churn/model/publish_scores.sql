-- Replace the day's scores; users who are no longer scored are deleted.
WITH gone AS (
    DELETE FROM prod.bt_churn_scores
    WHERE as_of = %(as_of)s AND user_id NOT IN (SELECT user_id FROM scored)
)
INSERT INTO prod.bt_churn_scores (
    as_of, user_id, model_version, probability, active, spent_90d, segment, city, reasons
)
SELECT %(as_of)s, user_id, %(model_version)s, probability, active, spent_90d, segment, city, reasons
FROM scored
ON CONFLICT (as_of, user_id) DO UPDATE
SET model_version = excluded.model_version,
    probability = excluded.probability,
    active = excluded.active,
    spent_90d = excluded.spent_90d,
    segment = excluded.segment,
    city = excluded.city,
    reasons = excluded.reasons,
    scored_at = excluded.scored_at
