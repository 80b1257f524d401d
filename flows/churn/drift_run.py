"""A run of the drift monitor: a snapshot, and whether its drift is made up."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.churn.run import ChurnRun, plan_snapshot
from flows.settings import Settings


@dataclass(frozen=True, kw_only=True)
class DriftRun(ChurnRun):
    """`simulate_drift`: for a demonstration, by how many standard deviations numbers move."""

    simulate_drift: float = 0.0

    @property
    def simulated(self) -> bool:
        """Whether the drift is made up: such a run leaves nothing behind that counts."""
        return self.simulate_drift > 0

    def __str__(self) -> str:
        label = f", SIMULATED drift of {self.simulate_drift:g}" if self.simulated else ""
        return f"{super().__str__()}{label}"


def plan_drift(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    simulate_drift: float = 0.0,
    run_id: str | None = None,
) -> DriftRun:
    """Return the run that compares users as of `as_of` (default: the last day of PAYMENTS).

    Raises BadInput when the files are not there or their days leave the calendar.
    """
    planned = plan_snapshot(settings, as_of, source=source, run_id=run_id)
    return DriftRun(**vars(planned), simulate_drift=simulate_drift)
