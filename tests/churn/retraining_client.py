"""Run as a process against a Prefect server: deploys the training, and gives it reasons to run.

Arguments: the folder of a delivery.
"""

import sys
from pathlib import Path

from prefect.deployments.runner import EntrypointType
from prefect.events import DeploymentEventTrigger

from docs.definitions import declared_deployments
from flows.churn.events import emit
from flows.churn.pipeline import LASTING_DRIFT, MODEL_WORSE
from flows.churn.planning import plan_snapshot
from flows.churn.training import churn_training
from flows.churn.watchdog import churn_watchdog
from flows.settings import load_settings


def declared_triggers() -> list[DeploymentEventTrigger]:
    """The triggers of the training, as prefect.yaml declares them."""
    [training] = [found for found in declared_deployments() if found["name"] == "on-change"]
    return [DeploymentEventTrigger(**trigger) for trigger in training["triggers"]]


if __name__ == "__main__":
    folder = sys.argv[1]
    churn_training.to_deployment(
        "on-change", triggers=declared_triggers(), entrypoint_type=EntrypointType.MODULE_PATH
    ).apply()
    churn_watchdog(source=folder)
    churn_watchdog(source=folder)
    with (Path(folder) / "DEMOGRAFICOS.csv").open("a", encoding="utf-8") as file:
        file.write("4,50,F,,\n")
    churn_watchdog(source=folder)
    churn_watchdog(source=folder)
    settings = load_settings()
    run = plan_snapshot(settings, source=Path(folder))
    for _ in range(2):
        emit(settings, LASTING_DRIFT, run, {})
        emit(settings, MODEL_WORSE, run, {"reasons": ["Version 1 is worse."]})
