"""Great Expectations on the raw rows and on the candidate."""
