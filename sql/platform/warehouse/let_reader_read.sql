-- Includes tables of later migrations, but only in databases that the role may connect to.
GRANT pg_read_all_data TO {role}
