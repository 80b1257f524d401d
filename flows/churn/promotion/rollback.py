"""Going back to the former Production."""

from flows.churn.model.registry import load_model, make_production, production_version
from flows.churn.promotion import ledger
from flows.errors import KpiError
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings


def roll_back(settings: Settings, *, why: str, by: str | None = None) -> tuple[str, str]:
    """Restore the former Production version; return the version left and the one restored.

    Raises KpiError when there is no Production, or nothing before it,
    or when the files of that are gone.
    """
    client = mlflow_client(settings)
    production = production_version(client)
    if production is None:
        raise KpiError("There is no Production to roll back from. Train one with kpi train.")
    former = ledger.former_production(settings, production)
    if former is None:
        raise KpiError(
            f"Version {production} is the first that became Production: "
            "there is nothing to roll back to."
        )
    load_model(former)
    make_production(client, former)
    ledger.record(settings, "rolled back", former, production, [why], decided_by=by)
    return production, former
