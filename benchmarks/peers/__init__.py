"""Measures crypto events beside dbt, SQLMesh, dlt and psql: `python -m benchmarks.peers`."""
