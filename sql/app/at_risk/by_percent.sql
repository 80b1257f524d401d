-- The chosen users by percent of probability, the most likely to churn first.
SELECT least(floor(probability * 100), 99)::int AS percent, count(*) AS users,
       sum(probability) AS expected
FROM prod.bt_churn_scores
WHERE as_of = %(as_of)s
  AND (%(active)s::boolean IS NULL OR active = %(active)s)
  AND (%(segment)s::text IS NULL OR segment = %(segment)s)
  AND (%(city)s::text IS NULL OR city = %(city)s)
  AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
  AND probability >= %(probability)s
GROUP BY 1
ORDER BY 1 DESC
