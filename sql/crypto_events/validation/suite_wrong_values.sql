-- Returns a row only when something is wrong; Great Expectations fills in the table.
SELECT count(*) AS wrong_values
FROM {batch}
WHERE purchase_value IS DISTINCT FROM purchase_price * purchase_units
HAVING count(*) > 0
