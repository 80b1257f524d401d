-- What the analyst may read besides, where it is to see deliveries as they came
-- (KPI_PREPARE__READER_SEES_DELIVERED_TEXT).
GRANT USAGE ON SCHEMA raw, staging TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA raw, staging, dqm TO {role};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA raw GRANT SELECT ON TABLES TO {role}
