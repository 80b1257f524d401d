"""A run of retention: the day that ages are counted to, and whether anything is removed."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from uuid import uuid4

from flows.errors import BadInput
from flows.platform.pipeline.run import Run
from flows.settings import Settings

Mode = Literal["dry-run", "prune"]

_DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class PruneRun(Run):
    """One run of retention; a dry run removes nothing."""

    mode: Mode

    @property
    def removes(self) -> bool:
        """Whether what is old is removed."""
        return self.mode == "prune"

    def kept_from(self, days: int) -> date:
        """Return the first day that is kept."""
        return date.fromordinal(max(self.as_of.toordinal() - days, 1))

    def kept_since(self, days: int, settings: Settings) -> datetime:
        """Return the first moment that is kept, in the settings' time zone."""
        return datetime.combine(self.kept_from(days), time.min, settings.zone)

    def __str__(self) -> str:
        return f"as of {self.as_of}{'' if self.removes else ', dry run'}"


def plan_prune(
    settings: Settings,
    as_of: date | None = None,
    *,
    mode: Mode | None = None,
    run_id: str | None = None,
) -> PruneRun:
    """Return the run for `as_of` (default: today in the settings' time zone).

    Raises BadInput for a day to come, and for a setting that would remove what a run still needs.
    """
    today = datetime.now(settings.zone).date()
    as_of = as_of or today
    if as_of > today:
        raise BadInput(f"--as-of {as_of} is to come: nothing is as old as that yet.")
    _check(settings)
    return PruneRun(
        as_of=as_of, mode=mode or settings.retention.mode, run_id=run_id or str(uuid4())
    )


def _check(settings: Settings) -> None:
    kept, churn = settings.retention, settings.churn
    weeks = churn.drift_snapshots + churn.drift_weeks + 1
    needs = [
        ("RAW_DAYS", kept.raw_days, settings.crypto.window_days, "KPI_CRYPTO__WINDOW_DAYS"),
        ("RUNS_DAYS", kept.runs_days, kept.raw_days, "KPI_RETENTION__RAW_DAYS"),
        (
            "DRIFT_DAYS",
            kept.drift_days,
            weeks * _DAYS_OF_A_WEEK,
            f"the {weeks} weeks of KPI_CHURN__DRIFT_SNAPSHOTS and KPI_CHURN__DRIFT_WEEKS",
        ),
        ("MLFLOW_DAYS", kept.mlflow_days, churn.label_days, "KPI_CHURN__LABEL_DAYS"),
    ]
    for name, days, least, why in needs:
        if days < least:
            raise BadInput(
                f"KPI_RETENTION__{name} is {days}, but {why} needs {least} days: nothing was "
                "removed."
            )
