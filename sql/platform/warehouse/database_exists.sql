SELECT EXISTS (SELECT FROM pg_database WHERE datname = %(database)s) AS found
