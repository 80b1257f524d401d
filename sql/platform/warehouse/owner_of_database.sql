-- Who owns a database, and whether we may act for that role.
SELECT pg_get_userbyid(datdba) AS owner, pg_has_role(datdba, 'USAGE') AS ours
FROM pg_database
WHERE datname = %(database)s
