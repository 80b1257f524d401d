-- The functions that read a cell, as they are defined now, and those that are missing.
SELECT string_agg(pg_get_functiondef(found.oid), E'\n' ORDER BY called.name) AS definitions,
    array_agg(called.name ORDER BY called.name) FILTER (WHERE found.oid IS NULL) AS missing
FROM unnest(ARRAY['trimmed', 'date_key', 'to_bigint', 'to_number']) AS called (name)
LEFT JOIN pg_proc AS found
  ON found.proname = called.name AND found.pronamespace = 'raw'::regnamespace
