"""Prefect: steps as tasks, runs, logs, blocks."""
