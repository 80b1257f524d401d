"""DuckDB and Spark."""
