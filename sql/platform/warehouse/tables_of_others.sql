-- Tables of ours that belong to a role that we are not: steps also add partitions and vacuum.
SELECT pg_class.oid::regclass::text AS name, pg_get_userbyid(relowner) AS owner
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname IN ('raw', 'staging', 'prod', 'dqm', 'locks')
    AND relkind IN ('r', 'p', 'v')
    AND NOT pg_has_role(relowner, 'USAGE')
ORDER BY name
