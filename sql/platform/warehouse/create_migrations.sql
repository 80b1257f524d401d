-- Which migrations were applied, and what they were then.
CREATE SCHEMA IF NOT EXISTS dqm;
CREATE TABLE IF NOT EXISTS dqm.schema_migrations (
    version    text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
