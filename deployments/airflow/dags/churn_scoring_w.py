"""Airflow's churn_scoring_w: score every user with the Production model, every week."""

from deployments.airflow.pipeline_dag import dag_of
from flows.churn.pipeline import SCORING

dag = dag_of(SCORING, "churn_scoring_w", schedule="0 8 * * 1")
