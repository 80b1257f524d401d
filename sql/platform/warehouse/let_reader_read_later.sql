-- What the owner makes in its database from now on. No member of pg_read_all_data: on a managed
-- server, nobody may make one.
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {role}
