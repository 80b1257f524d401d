-- A page of the chosen users, the most likely to churn first: those who are active, those who are not,
-- and those of whom it is not known are each read in the order of the index, which ranks them so.
SELECT ranked.*
FROM (VALUES (true), (false)) AS kinds (active)
CROSS JOIN LATERAL (
    SELECT user_id, probability, active, spent_90d, segment, city, reasons
    FROM prod.bt_churn_scores
    WHERE as_of = %(as_of)s AND bt_churn_scores.active = kinds.active
      AND (%(segment)s::text IS NULL OR segment = %(segment)s)
      AND (%(city)s::text IS NULL OR city = %(city)s)
      AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
      AND probability >= %(probability)s
    ORDER BY probability DESC, user_id
    LIMIT %(limit)s::bigint + %(offset)s
) AS ranked
WHERE %(active)s::boolean IS NULL OR kinds.active = %(active)s
UNION ALL
SELECT *
FROM (
    SELECT user_id, probability, active, spent_90d, segment, city, reasons
    FROM prod.bt_churn_scores
    WHERE as_of = %(as_of)s AND active IS NULL AND %(active)s::boolean IS NULL
      AND (%(segment)s::text IS NULL OR segment = %(segment)s)
      AND (%(city)s::text IS NULL OR city = %(city)s)
      AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
      AND probability >= %(probability)s
    ORDER BY probability DESC, user_id
    LIMIT %(limit)s::bigint + %(offset)s
) AS of_before_it_was_kept
ORDER BY probability DESC, user_id
LIMIT %(limit)s OFFSET %(offset)s
