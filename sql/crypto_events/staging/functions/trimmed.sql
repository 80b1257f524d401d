-- A cell without blanks around it.
CREATE FUNCTION raw.trimmed(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(cell, U&' \0009\00A0')
