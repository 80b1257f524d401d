"""Airflow's crypto_events_verify_w: judge every row of the window anew, every week, and compare."""

from deployments.airflow.pipeline_dag import dag_of
from flows.crypto_events.pipeline import PIPELINE

# Hours after the daily run: of two at once, one is refused.
dag = dag_of(PIPELINE, "crypto_events_verify_w", schedule="0 9 * * 0", verify=True, generate=False)
