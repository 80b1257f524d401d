"""Airflow's crypto_events_dag: rebuild, validate and publish the last days, every day."""

from deployments.airflow.pipeline_dag import dag_of
from flows.crypto_events.pipeline import PIPELINE

dag = dag_of(PIPELINE, "crypto_events_dag", schedule="@daily")
