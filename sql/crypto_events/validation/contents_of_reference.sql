-- A hash of the values that a rule allows: when they change, rows are judged anew.
SELECT coalesce(md5(string_agg(value, E'\n' ORDER BY value)), '') AS contents
FROM (SELECT DISTINCT {column}::text AS value FROM {table}) AS allowed
