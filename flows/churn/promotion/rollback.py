"""Going back to the former Production."""

from flows.churn.pipeline import MODEL, PROMOTIONS
from flows.churn.production.truth import settled
from flows.errors import KpiError
from flows.platform.pipeline.declaration import Step
from flows.platform.pipeline.lineage.by_command import told_command
from flows.settings import Settings

_STEP = Step(
    f"{__name__}:roll_back",
    "Go back to the former Production",
    inputs=(MODEL,),
    outputs=(MODEL, PROMOTIONS),
    facts="flows.churn.lineage.facts:rolled_back",
)


def roll_back(settings: Settings, *, why: str, by: str | None = None) -> tuple[str, str]:
    """Restore the former Production version; return the version left and the one restored.

    A rollback that was cut short is completed, and no second one is made. Raises KpiError when
    there is no Production, or nothing before it, or when the files of that are gone or changed.
    """
    return told_command(
        settings, "churn_model", _STEP, lambda: _roll_back(settings, why=why, by=by)
    )


def _roll_back(settings: Settings, *, why: str, by: str | None) -> tuple[str, str]:
    with settled(settings) as now:
        earlier = now.completed
        if earlier and earlier.action == "rolled back" and earlier.former_version:
            return earlier.former_version, earlier.version
        if now.production is None:
            raise KpiError("There is no Production to roll back from. Train one with kpi train.")
        left, former = now.production, now.former
        if former is None:
            raise KpiError(
                f"Before version {left} there was no Production: there is nothing to roll back to."
            )
        now.change("rolled back", now.document(former), left, [why], decided_by=by)
    return left, former
