-- Every schema of the project, with its comment.
SELECT nspname AS name, obj_description(oid, 'pg_namespace') AS comment
FROM pg_namespace
WHERE nspname NOT IN ('public', 'information_schema') AND nspname NOT LIKE 'pg\_%'
ORDER BY nspname
