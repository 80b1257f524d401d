-- Users of a day, by steps of 10 percent in probability.
SELECT model_version, least(floor(probability * 10), 9)::int * 10 AS from_percent,
       count(*) AS users
FROM prod.bt_churn_scores
WHERE as_of = %(as_of)s
GROUP BY 1, 2
ORDER BY 1, 2
