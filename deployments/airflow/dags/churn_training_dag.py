"""Airflow's churn_training_dag: train when source files change or drift persists."""

from deployments.airflow.pipeline_dag import dag_of
from flows.churn.pipeline import TRAINING

dag = dag_of(TRAINING, "churn_training_dag")
