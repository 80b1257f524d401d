"""Prefect in this process: its import, its own database, and where its versions differ."""
