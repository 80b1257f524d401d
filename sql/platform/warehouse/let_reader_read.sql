-- Tables of later migrations, too; in no database but those it may connect to.
GRANT pg_read_all_data TO {role}
