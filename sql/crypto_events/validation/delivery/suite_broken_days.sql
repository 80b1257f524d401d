-- Returns a row only when something is wrong.
SELECT count(*) AS broken_days
FROM (
{broken_days}
) AS broken
HAVING count(*) > 0
