"""Find the Production model, so that a run without one ends before the expensive work."""

from dataclasses import dataclass

from flows.churn.features.lookback import keep_lookback
from flows.churn.model.logged.registry import production_model
from flows.churn.model.lookback import lookback_of
from flows.churn.run import ChurnRun
from flows.settings import Settings


@dataclass(frozen=True)
class Production:
    """The version that scores, and how many days of payments its features read (if known)."""

    version: str
    lookback_days: int | None


def find_production(settings: Settings, run: ChurnRun) -> Production:
    """Return Production, known and loading; the run's features read what it read.

    Raises KpiError when there is none, Unavailable when MLflow or its store may only be away.
    """
    production = production_model(settings)
    lookback_days = lookback_of(settings, production)
    keep_lookback(settings, run, lookback_days)
    return Production(production.version, lookback_days)
