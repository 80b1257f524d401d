"""Airflow's churn_drift_monitor_w: compare the users with earlier weeks' users, every week."""

from deployments.airflow.pipeline_dag import dag_of
from flows.churn.pipeline import DRIFT_MONITOR

dag = dag_of(DRIFT_MONITOR, "churn_drift_monitor_w", schedule="@weekly")
