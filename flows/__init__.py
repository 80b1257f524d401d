"""KPI Delivery: validated crypto events and churn scores, as Prefect 2 flows."""

import os

# MLflow reports to its makers unless it is told not to before anything imports it.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
