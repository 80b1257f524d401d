SELECT current_user AS name, rolsuper AS superuser, rolcreatedb AND rolcreaterole AS may_prepare
FROM pg_roles
WHERE rolname = current_user
