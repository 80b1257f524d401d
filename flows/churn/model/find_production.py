"""Find the Production model, so that a run without one ends before the expensive work."""

from dataclasses import dataclass

from flows.churn.model.registry import production_model
from flows.churn.run import ChurnRun
from flows.settings import Settings


@dataclass(frozen=True)
class Production:
    """The version that scores."""

    version: str


def find_production(settings: Settings, run: ChurnRun) -> Production:
    """Return the version that is Production, and loads.

    Raises KpiError when there is none, Unavailable when MLflow or its store may only be away.
    """
    version, _ = production_model(settings)
    return Production(version)
