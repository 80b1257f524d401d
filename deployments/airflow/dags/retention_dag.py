"""Airflow's retention_dag: remove what is older than the settings keep, or tell it, every day."""

from deployments.airflow.pipeline_dag import dag_of
from flows.retention.pipeline import PIPELINE

dag = dag_of(PIPELINE, "retention_dag", schedule="30 3 * * *")
