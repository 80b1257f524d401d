-- Segments or cities of a day's users, most users first.
SELECT name
FROM prod.bt_churn_scored_groups
WHERE as_of = %(as_of)s AND kind = %(kind)s
ORDER BY users DESC, name
