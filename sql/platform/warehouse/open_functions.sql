-- Functions that let every role write large objects, take advisory locks and add to the log of changes:
-- each as the statements that leave them to the owner of the database.
SELECT format('REVOKE ALL ON FUNCTION %%s FROM PUBLIC', p.oid::regprocedure) AS closed,
    format('GRANT EXECUTE ON FUNCTION %%s TO %%I', p.oid::regprocedure, %(owner)s::text) AS kept
FROM pg_proc AS p
WHERE p.pronamespace = 'pg_catalog'::regnamespace
  AND p.proname ~ '^(lo_|lowrite$|loread$|pg_(try_)?advisory_|pg_logical_emit_message$)'
  AND has_function_privilege((SELECT oid FROM pg_roles WHERE rolname = %(role)s), p.oid, 'EXECUTE')
