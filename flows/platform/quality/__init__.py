"""Great Expectations on PostgreSQL, with Data Docs in our storage."""
