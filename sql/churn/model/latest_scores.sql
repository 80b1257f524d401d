-- Users of the most recently scored day, by steps of 10 percent in probability.
SELECT as_of, model_version, least(floor(probability * 10), 9)::int * 10 AS from_percent,
       count(*) AS users
FROM prod.bt_churn_scores
WHERE as_of = (SELECT as_of FROM prod.bt_churn_scores ORDER BY scored_at DESC, as_of DESC LIMIT 1)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
