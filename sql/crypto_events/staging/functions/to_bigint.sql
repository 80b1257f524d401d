-- Read a cell as a whole number, or answer NULL.
CREATE FUNCTION raw.to_bigint(cell text, max_length int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(cell) <= max_length THEN
       CASE WHEN cell ~ '^-?[0-9]+$' THEN
       CASE WHEN octet_length(cell) <= 18
              OR cell::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
            THEN cell::bigint END END END
