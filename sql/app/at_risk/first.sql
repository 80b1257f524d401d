-- The chosen users who are contacted first: how many there are, and what to expect of them. Read in
-- the order of the index, as `page.sql` reads them.
SELECT count(*) AS users, coalesce(sum(probability), 0) AS expected,
       coalesce(sum(spent_90d), 0) AS spent, min(probability) AS lowest
FROM (
    SELECT ranked.*
    FROM (VALUES (true), (false)) AS kinds (active)
    CROSS JOIN LATERAL (
        SELECT user_id, probability, spent_90d
        FROM prod.bt_churn_scores
        WHERE as_of = %(as_of)s AND bt_churn_scores.active = kinds.active
          AND (%(segment)s::text IS NULL OR segment = %(segment)s)
          AND (%(city)s::text IS NULL OR city = %(city)s)
          AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
          AND probability >= %(probability)s
        ORDER BY probability DESC, user_id
        LIMIT %(limit)s
    ) AS ranked
    WHERE %(active)s::boolean IS NULL OR kinds.active = %(active)s
    UNION ALL
    SELECT *
    FROM (
        SELECT user_id, probability, spent_90d
        FROM prod.bt_churn_scores
        WHERE as_of = %(as_of)s AND active IS NULL AND %(active)s::boolean IS NULL
          AND (%(segment)s::text IS NULL OR segment = %(segment)s)
          AND (%(city)s::text IS NULL OR city = %(city)s)
          AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
          AND probability >= %(probability)s
        ORDER BY probability DESC, user_id
        LIMIT %(limit)s
    ) AS of_before_it_was_kept
    ORDER BY probability DESC, user_id
    LIMIT %(limit)s
) AS first
