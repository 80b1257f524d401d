"""A churn run: which files it reads, and the day its features may know."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.churn.sources.delivery import latest_payment_day
from flows.errors import BadInput
from flows.platform.pipeline.run import Run
from flows.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ChurnRun(Run):
    """One run on one delivery: the label window is the last `label_days` days up to `as_of`.

    A snapshot has none: it describes users as of the day itself.
    """

    source: Path
    label_days: int

    @property
    def cutoff(self) -> date:
        """The last day that features may know."""
        return self.as_of - timedelta(days=self.label_days)

    def __str__(self) -> str:
        if not self.label_days:
            return f"as of {self.as_of}"
        return f"as of {self.as_of} (features up to {self.cutoff})"


def plan_training(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    run_id: str | None = None,
) -> ChurnRun:
    """Return the training run up to `as_of` (default: the last day that PAYMENTS holds).

    Raises BadInput when the files are not there or their days leave the calendar.
    """
    return _plan(settings, as_of, settings.churn.label_days, source, run_id)


def plan_snapshot(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    run_id: str | None = None,
) -> ChurnRun:
    """Return the run that describes users as of `as_of`, for scores and drift.

    Defaults and errors are those of `plan_training`.
    """
    return _plan(settings, as_of, 0, source, run_id)


def _plan(
    settings: Settings,
    as_of: date | None,
    label_days: int,
    source: Path | None,
    run_id: str | None,
) -> ChurnRun:
    source = source.expanduser().absolute() if source else settings.churn.source
    as_of = as_of or latest_payment_day(source, settings.churn.date_format)
    history = 2 * label_days + settings.churn.lookback_days
    if not date.min + timedelta(days=history) < as_of < date.max - timedelta(days=1):
        raise BadInput(f"The days that a run as of {as_of} reads leave the calendar.")
    names = {"run_id": run_id} if run_id else {}
    return ChurnRun(as_of=as_of, source=source, label_days=label_days, **names)
