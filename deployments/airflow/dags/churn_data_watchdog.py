"""Airflow's churn_data_watchdog: check daily whether source files changed; a change trains."""

from deployments.airflow.pipeline_dag import dag_of
from flows.churn.pipeline import WATCHDOG

dag = dag_of(WATCHDOG, "churn_data_watchdog", schedule="@daily")
