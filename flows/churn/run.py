"""A churn run: which files it reads, and the last day its features may use."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.platform.pipeline.run import Run


@dataclass(frozen=True, kw_only=True)
class ChurnRun(Run):
    """One run on one delivery: the label window is the last `label_days` days up to `as_of`.

    A snapshot has no label window: it describes users as of the day itself.
    """

    source: Path
    label_days: int

    @property
    def cutoff(self) -> date:
        """The last day that features may use."""
        return self.as_of - timedelta(days=self.label_days)

    def __str__(self) -> str:
        if not self.label_days:
            return f"as of {self.as_of}"
        return f"as of {self.as_of} (features up to {self.cutoff})"


@dataclass(frozen=True, kw_only=True)
class DriftRun(ChurnRun):
    """`simulate_drift`: for demonstrations, how many standard deviations numbers move by."""

    simulate_drift: float = 0.0

    @property
    def simulated(self) -> bool:
        """Whether the drift is made up; nothing that such a run leaves behind counts later."""
        return self.simulate_drift > 0

    def __str__(self) -> str:
        label = f", SIMULATED drift of {self.simulate_drift:g}" if self.simulated else ""
        return f"{super().__str__()}{label}"
