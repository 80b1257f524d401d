"""What runs, when and in which steps, as one JSON file: a change of it is seen in review."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from flows.commands.operations.deploy import PIPELINES
from flows.paths import REPOSITORY

SNAPSHOT = REPOSITORY / "docs" / "definitions.json"


def write_definitions() -> None:
    """Write the snapshot."""
    SNAPSHOT.write_text(json.dumps(definitions(), indent=2) + "\n", encoding="utf-8")


def definitions() -> dict[str, Any]:
    """Return the deployments of prefect.yaml, their forms, and every pipeline."""
    return {
        "deployments": {
            f"{_flow(deployment).name}/{deployment['name']}": deployment
            for deployment in declared_deployments()
        },
        "forms": {
            _flow(deployment).name: _form(deployment) for deployment in declared_deployments()
        },
        "pipelines": {pipeline.name: asdict(pipeline) for pipeline in PIPELINES},
    }


def declared_deployments() -> list[dict[str, Any]]:
    """Return the deployments as prefect.yaml declares them."""
    declared = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))
    return list(declared["deployments"])


def _flow(deployment: dict[str, Any]) -> Any:
    file, _, function = deployment["entrypoint"].partition(":")
    module = ".".join(Path(file).with_suffix("").parts)
    return getattr(import_module(module), function)


def _form(deployment: dict[str, Any]) -> Any:
    from prefect.utilities.callables import parameter_schema

    return parameter_schema(_flow(deployment)).dict()["properties"]
