-- Segments and cities of a day's users, most users first.
SELECT CASE WHEN grouping(segment) = 0 THEN 'segment' ELSE 'city' END AS kind,
       coalesce(segment, city) AS name, count(*) AS users
FROM prod.bt_churn_scores
WHERE as_of = %(as_of)s
GROUP BY GROUPING SETS ((segment), (city))
HAVING coalesce(segment, city) IS NOT NULL
ORDER BY users DESC, kind, name
LIMIT %(limit)s
