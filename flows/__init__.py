"""KPI Delivery: validated crypto events and churn scores, as Prefect 2 flows."""

import os

from flows.environment import reach_this_machine_directly

# All before anything is imported that reads them. MLflow reports to its makers otherwise.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# Otherwise Pydantic looks for plugins in every installed package, and there is none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
reach_this_machine_directly()
