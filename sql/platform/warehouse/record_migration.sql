INSERT INTO dqm.schema_migrations (version, checksum)
VALUES (%(version)s, %(checksum)s)
