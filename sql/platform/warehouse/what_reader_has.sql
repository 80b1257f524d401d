-- The statements that take from a role what it was given in this database, to begin again from nothing:
-- what a former version gave, or somebody by hand. A role that it is a member of keeps its rights.
WITH given AS (
    SELECT format('TABLE %%I.%%I', n.nspname, c.relname) AS what, c.relowner AS owner, acl.grantee
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
    WHERE c.relkind <> 'S'
    UNION
    SELECT format('TABLE %%I.%%I', n.nspname, c.relname), c.relowner, acl.grantee
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
    UNION
    SELECT format('SEQUENCE %%I.%%I', n.nspname, c.relname), c.relowner, acl.grantee
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
    WHERE c.relkind = 'S'
    UNION
    SELECT 'FUNCTION ' || p.oid::regprocedure, p.proowner, acl.grantee
    FROM pg_proc AS p
    CROSS JOIN LATERAL aclexplode(p.proacl) AS acl
    WHERE p.prokind <> 'p'
    UNION
    SELECT format('SCHEMA %%I', n.nspname), n.nspowner, acl.grantee
    FROM pg_namespace AS n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS acl
)
SELECT format('REVOKE ALL ON %%s FROM %%I', given.what, %(role)s::text) AS statement
FROM given
WHERE given.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s) AND pg_has_role(given.owner, 'USAGE')
UNION ALL
SELECT DISTINCT format(
    'ALTER DEFAULT PRIVILEGES FOR ROLE %%I %%s REVOKE ALL ON %%s FROM %%I',
    pg_get_userbyid(d.defaclrole),
    CASE WHEN d.defaclnamespace <> 0 THEN 'IN SCHEMA ' || d.defaclnamespace::regnamespace END,
    CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
    END,
    %(role)s::text)
FROM pg_default_acl AS d
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS acl
WHERE pg_has_role(d.defaclrole, 'USAGE')
  AND acl.grantee = (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
  AND d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
UNION ALL
-- Who reads all data reads the verifiers of passwords, too.
SELECT format('REVOKE %%I FROM %%I', pg_get_userbyid(m.roleid), %(role)s::text)
FROM pg_auth_members AS m
WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
  AND pg_get_userbyid(m.roleid) IN ('pg_read_all_data', 'pg_write_all_data')
