-- Returns a row only when something is wrong; Great Expectations fills in the table.
SELECT count(*) AS repeated_keys
FROM (
    SELECT FROM {batch}
    GROUP BY {key}
    HAVING count(*) > 1
) AS repeated
HAVING count(*) > 0
