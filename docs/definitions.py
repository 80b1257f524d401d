"""The deployments of prefect.yaml, with the flows that they run."""

from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from flows.paths import REPOSITORY


def declared_deployments() -> list[dict[str, Any]]:
    """Return the deployments as prefect.yaml declares them."""
    declared = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))
    return list(declared["deployments"])


def full_name(deployment: dict[str, Any]) -> str:
    """Return `flow/deployment`, as people start it."""
    file, _, function = deployment["entrypoint"].partition(":")
    module = ".".join(Path(file).with_suffix("").parts)
    return f"{getattr(import_module(module), function).name}/{deployment['name']}"
