"""Runs of the platform that people start from the host: under Prefect, under Airflow."""
