-- To which version Airflow's tables were migrated, and what is written down about that.
SELECT version_num, obj_description(tableoid, 'pg_class') FROM alembic_version
