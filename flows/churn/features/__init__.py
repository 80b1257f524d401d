"""What is known about each user on a day, computed by DuckDB or Spark."""
