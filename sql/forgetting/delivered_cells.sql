-- What producers' rows hold as they arrived and may be a user's id, each text once.
SELECT DISTINCT held.value AS cell
FROM {table}, jsonb_each_text(delivered) AS held
WHERE held.value ~ '^[^0-9]*[0-9]+(\.0+)?[^0-9]*$'
