-- Days whose scores are not measured for good: since the first payment that is known, up to a day.
SELECT scores.as_of, scores.model_version
FROM prod.bt_churn_scores AS scores
WHERE scores.as_of BETWEEN %(since)s AND %(up_to)s
  AND NOT EXISTS (
    SELECT FROM dqm.bt_churn_outcomes AS outcome
    WHERE outcome.as_of = scores.as_of AND outcome.model_version = scores.model_version
      AND outcome.kind = 'realized'
)
GROUP BY 1, 2
ORDER BY 1, 2
