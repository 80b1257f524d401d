-- Returns a row only when something is wrong; Great Expectations fills in the table.
SELECT count(*) AS repeated_keys
FROM (
    SELECT FROM {batch}
    GROUP BY purchase_date, user_id, site_id, crypto_type
    HAVING count(*) > 1
) AS repeated
HAVING count(*) > 0
