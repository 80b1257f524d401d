-- Users from one to another with their features, and what people want to know of whom a model found:
-- what they spent in the last 90 days, mostly in which segment, and where they live.
WITH lately AS (
    SELECT user_id, segment, spent
    FROM {payments}
    WHERE paid_on <= {day} AND unix_date({day}) - unix_date(paid_on) < 90
      AND user_id BETWEEN $first_user AND $last_user
),
spent AS (
    SELECT user_id, CAST(sum(spent) AS DOUBLE) AS spent_90d FROM lately GROUP BY user_id
),
segments AS (
    SELECT user_id, first(segment ORDER BY payments DESC, segment) AS segment
    FROM (
        SELECT user_id, segment, count(*) AS payments
        FROM lately
        WHERE segment IS NOT NULL
        GROUP BY user_id, segment
    )
    GROUP BY user_id
),
about AS (
    SELECT user_id, city FROM {demograficos} WHERE user_id BETWEEN $first_user AND $last_user
)
SELECT snapshot.user_id, {features}, coalesce(spent.spent_90d, 0) AS spent_90d, segments.segment,
       about.city
FROM {snapshot} AS snapshot
LEFT JOIN spent ON spent.user_id = snapshot.user_id
LEFT JOIN segments ON segments.user_id = snapshot.user_id
LEFT JOIN about ON about.user_id = snapshot.user_id
WHERE snapshot.user_id BETWEEN $first_user AND $last_user
