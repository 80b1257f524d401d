-- Returns a row only when something is wrong. Great Expectations asks that its batch be named, and says so
-- on the terminal; what is looked at is counted by day, and no row of the batch is read. With a JOIN in
-- the query it gives the batch no alias of its own, so that there is always one: PostgreSQL 15 needs it.
SELECT count(*) AS broken_days
FROM (
{broken_days}
) AS broken
WHERE NOT EXISTS (
    SELECT FROM {batch} AS looked_at
    JOIN (SELECT true) AS never ON false
)
HAVING count(*) > 0
