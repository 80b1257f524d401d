-- Sent with its value in its text: this statement takes no parameter.
COMMENT ON TABLE alembic_version IS %(migrated)s
