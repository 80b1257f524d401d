"""A straight line through measured costs, and what it says of a larger size."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Growth:
    """Costs of one piece of work by size: CPU seconds, or megabytes at the peak."""

    name: str
    unit: str
    costs: Mapping[int, float]
    checked_at: int
    checked: float

    @property
    def per_million(self) -> float:
        """Slope of the line through the smallest and the largest measured size."""
        first, *_, last = sorted(self.costs)
        return (self.costs[last] - self.costs[first]) / (last - first) * 1_000_000

    @property
    def fixed(self) -> float:
        """What the line says of no rows or users at all."""
        first = min(self.costs)
        return self.costs[first] - self.per_million * first / 1_000_000

    @property
    def predicted(self) -> float:
        """What the line says of the size that was run to check it."""
        return self.fixed + self.per_million * self.checked_at / 1_000_000

    @property
    def ratio(self) -> float:
        """How many times the prediction the checked size really cost."""
        return self.checked / max(self.predicted, 0.01)
