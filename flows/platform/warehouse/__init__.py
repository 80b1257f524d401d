"""PostgreSQL: connections, migrations, databases and roles."""
