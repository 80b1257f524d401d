-- Every new database lets everybody connect, and so do those of the server itself.
REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC
