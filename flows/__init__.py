"""KPI Delivery: validated crypto events and churn scores, as Prefect 2 flows."""

import os

from flows.environment import reach_this_machine_directly

# Both before anything is imported that reads them. MLflow reports to its makers otherwise.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
reach_this_machine_directly()
