"""What is known of each user on a day, as DuckDB and Spark compute it."""
