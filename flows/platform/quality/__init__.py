"""Great Expectations on PostgreSQL, with its pages in our storage."""
