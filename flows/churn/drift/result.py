"""The result of a drift comparison, as one step leaves it for the next."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flows.churn.folders import churn_run_folder
from flows.platform.storage.atomic_files import read_json_as
from flows.settings import Settings

NOTHING_YET = "There is no snapshot of an earlier week: nothing to compare with yet."


@dataclass(frozen=True)
class ColumnDrift:
    """How far a column moved from the reference; it drifted if the score reaches the threshold.

    `method`: what moved farther relative to its threshold, the values (`wasserstein` for numbers,
    `jensenshannon` for yes or no, `share` of other values where the reference has hardly more than
    one) or the share of users without a value (`missing`). `missing` and `missing_before`: those
    shares, now and in the reference.
    """

    column_name: str
    method: str
    threshold: float
    score: float
    drifted: bool
    missing: float = 0.0
    missing_before: float = 0.0


@dataclass(frozen=True)
class DriftReport:
    """The result of the comparison; without `reference` nothing was compared.

    `reference`: the days of the snapshots compared with; `left_out`: the columns without values
    to compare; `page`: the address of the report for people; `lookback_days`: how many days of
    payments its features read; `other_lookbacks`: the snapshots that read another number, which
    are not compared; `hole`: which days PAYMENTS lacks, where columns differ so much that the week
    would count as drifted, or nothing was compared: it counts for nothing then.
    """

    day: date
    simulated: bool
    reference: list[date]
    columns: list[ColumnDrift]
    left_out: list[str]
    drifted_share: float
    drifted_week: bool
    page: str | None
    lookback_days: int = 0
    other_lookbacks: list[date] = field(default_factory=list)
    hole: str | None = None

    @property
    def drifted(self) -> list[ColumnDrift]:
        """The columns that drifted, the largest drift first."""
        found = [column for column in self.columns if column.drifted]
        return sorted(found, key=lambda column: column.score / column.threshold, reverse=True)

    @property
    def label(self) -> str:
        """Prefix of every message about a simulated report."""
        return "SIMULATED: " if self.simulated else ""

    @property
    def not_compared(self) -> str:
        """A sentence about snapshots of another lookback, empty when there are none."""
        if not self.other_lookbacks:
            return ""
        days = ", ".join(map(str, self.other_lookbacks))
        return (
            f" Features read {self.lookback_days} days of payments now, and another number of days "
            f"in the snapshots of {days}: these are not compared, for that is no drift."
        )

    def __str__(self) -> str:
        if not self.reference:
            hole = f" {self.hole}: no later week is compared with this one." if self.hole else ""
            return f"{self.label}{NOTHING_YET}{hole}{self.not_compared}"
        week = "the week counts as drifted" if self.drifted_week else "the week is quiet"
        if self.hole:
            week = f"but {self.hole}: the week is not comparable, and counts for nothing"
        return (
            f"{self.label}{len(self.drifted)} of {len(self.columns)} columns drifted "
            f"({self.drifted_share:.0%}), {week}.{self.not_compared}"
        )


def drift_result(settings: Settings, run_id: str) -> DriftReport | None:
    """Return what `run_drift_report` found in that run, None before it ran."""
    path = result_file(settings, run_id)
    return read_json_as(path, DriftReport) if path.exists() else None


def result_file(settings: Settings, run_id: str) -> Path:
    """File in the run's folder that holds the result."""
    return churn_run_folder(settings, run_id) / "drift.json"
