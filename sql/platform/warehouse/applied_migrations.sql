SELECT version, checksum
FROM dqm.schema_migrations
