-- What a row is found by. Cut, because an index entry has a size limit.
CREATE FUNCTION raw.date_key(purchase_date text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(coalesce(btrim(purchase_date, U&' \0009\00A0'), ''), 40)
