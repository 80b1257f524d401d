-- By default, everybody can connect to a new database and to the server's own databases.
REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC
