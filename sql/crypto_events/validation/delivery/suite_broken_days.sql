-- Returns a row only when something is wrong. Great Expectations asks that its batch be named, and says so
-- on the terminal; what is looked at is counted by day, and no row of the batch is read.
SELECT count(*) AS broken_days
FROM (
{broken_days}
) AS broken
WHERE NOT EXISTS (SELECT FROM {batch} WHERE false)
HAVING count(*) > 0
