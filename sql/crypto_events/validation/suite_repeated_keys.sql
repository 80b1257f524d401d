-- Returns a row only when something is wrong; Great Expectations fills in the table. Looked for by a hash of
-- the key first, which is sorted in half the time that a table of all keys takes.
SELECT count(*) AS repeated_keys
FROM (
    SELECT FROM {batch}
    WHERE {hash} IN (
        SELECT hash
        FROM (
            SELECT {hash} AS hash FROM {batch} ORDER BY hash OFFSET 0
        ) AS hashed
        GROUP BY hash
        HAVING count(*) > 1
    )
    GROUP BY {key}
    HAVING count(*) > 1
) AS repeated
HAVING count(*) > 0
