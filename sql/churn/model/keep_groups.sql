-- Keep the segments and cities of a day's users, of each kind those with most users.
INSERT INTO prod.bt_churn_scored_groups (as_of, kind, name, users)
SELECT %(as_of)s, kind, name, users
FROM (
    SELECT CASE WHEN grouping(segment) = 0 THEN 'segment' ELSE 'city' END AS kind,
           coalesce(segment, city) AS name, count(*) AS users,
           row_number() OVER (
               PARTITION BY grouping(segment) ORDER BY count(*) DESC, coalesce(segment, city)
           ) AS place
    FROM prod.bt_churn_scores
    WHERE as_of = %(as_of)s
    GROUP BY GROUPING SETS ((segment), (city))
    HAVING coalesce(segment, city) IS NOT NULL
) AS ranked
WHERE place <= %(most)s
