-- Whether we may add schemas, and tables to those that are there.
SELECT
    has_database_privilege(current_database(), 'CREATE')
    AND coalesce(bool_and(has_schema_privilege(nspname, 'CREATE')), true) AS may
FROM pg_namespace
WHERE nspname IN ('raw', 'staging', 'prod', 'dqm', 'locks')
