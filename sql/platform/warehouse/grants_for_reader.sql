-- The statements that let a reader read what is there already, where we may grant it.
SELECT format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, %(role)s::text) AS statement
FROM pg_namespace AS n
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%'
  AND pg_has_role(n.nspowner, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON TABLE %%I.%%I TO %%I', n.nspname, c.relname, %(role)s::text)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%'
  AND pg_has_role(c.relowner, 'USAGE')
