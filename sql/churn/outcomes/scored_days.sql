-- Days whose scores are not measured for good: since the first payment that is known, up to a day. Those
-- that are measured are so again where campaigns were delivered since that contacted somebody meanwhile.
SELECT scores.as_of, scores.model_version
FROM prod.bt_churn_scores AS scores
WHERE scores.as_of BETWEEN %(since)s AND %(up_to)s
  AND NOT EXISTS (
    SELECT FROM dqm.bt_churn_outcomes AS outcome
    WHERE outcome.as_of = scores.as_of AND outcome.model_version = scores.model_version
      AND outcome.kind = 'realized'
      AND NOT EXISTS (
        SELECT FROM prod.bt_churn_campaigns AS campaign
        WHERE campaign.contacted_on BETWEEN outcome.as_of AND outcome.last_day
          AND campaign.delivered_at > outcome.measured_at
      )
)
GROUP BY 1, 2
ORDER BY 1, 2
