-- How many of the chosen users are worth a contact: from this probability on, and no more than
-- anybody contacts.
SELECT count(*) AS users
FROM (
    SELECT
    FROM prod.bt_churn_scores
    WHERE as_of = %(as_of)s
      AND (%(active)s::boolean IS NULL OR active = %(active)s)
      AND (%(segment)s::text IS NULL OR segment = %(segment)s)
      AND (%(city)s::text IS NULL OR city = %(city)s)
      AND (%(spent)s::float8 = 0 OR spent_90d >= %(spent)s)
      AND probability >= %(probability)s
      AND probability > %(worth_from)s
    LIMIT %(limit)s
) AS worth
