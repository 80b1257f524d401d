-- Read a cell as a number, or answer NULL: a cast never raises. ASCII digits only, no exponent.
CREATE FUNCTION raw.to_number(cell text, max_length int) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(cell) <= max_length THEN
       CASE WHEN cell ~ '^-?[0-9]+([.][0-9]+)?$' THEN cell::numeric END END
