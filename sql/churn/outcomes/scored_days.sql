-- Days whose scores are not measured for good: since the first payment that is known, up to a day.
SELECT as_of, model_version
FROM prod.bt_churn_scores
WHERE as_of BETWEEN %(since)s AND %(up_to)s
  AND as_of NOT IN (SELECT as_of FROM dqm.bt_churn_outcomes WHERE kind = 'realized')
GROUP BY 1, 2
ORDER BY 1, 2
