-- The functions that read a cell, as they are defined now.
SELECT string_agg(pg_get_functiondef(oid), E'\n' ORDER BY proname) AS functions
FROM pg_proc
WHERE pronamespace = 'raw'::regnamespace
  AND proname IN ('trimmed', 'date_key', 'to_bigint', 'to_number')
