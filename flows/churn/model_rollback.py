"""Going back to the former Production."""

from flows.churn import promotion_ledger
from flows.platform.errors import KpiError
from flows.platform.registry import make_production, mlflow_client, production_version
from flows.platform.settings import Settings


def roll_back(settings: Settings, *, why: str, by: str | None = None) -> tuple[str, str]:
    """Make Production what it was before the current version; return both, current first.

    Raises KpiError when there is no Production, or nothing before it.
    """
    client = mlflow_client(settings)
    production = production_version(client)
    if production is None:
        raise KpiError("There is no Production to roll back from. Train one with kpi train.")
    former = promotion_ledger.former_production(settings, production)
    if former is None:
        raise KpiError(
            f"Version {production} is the first that became Production: "
            "there is nothing to roll back to."
        )
    make_production(client, former)
    promotion_ledger.record(settings, "rolled back", former, production, [why], decided_by=by)
    return production, former
