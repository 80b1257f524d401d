-- A page of the chosen users, the most likely to churn first.
SELECT user_id, probability, active, spent_90d, segment, city, reasons
FROM prod.bt_churn_scores
WHERE as_of = %(as_of)s
  AND (%(active)s::boolean IS NULL OR active = %(active)s)
  AND (%(segment)s::text IS NULL OR segment = %(segment)s)
  AND (%(city)s::text IS NULL OR city = %(city)s)
  AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
  AND probability >= %(probability)s
ORDER BY probability DESC, user_id
LIMIT %(limit)s OFFSET %(offset)s
