"""A straight line through measured costs, and what it says of a larger size."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """What a size that no line was drawn through really cost."""

    size: int
    cost: float


@dataclass(frozen=True)
class Growth:
    """Costs of one piece of work by size: CPU seconds, or megabytes.

    `of` is what grows: rows of the window, users, older rows, days.
    """

    name: str
    unit: str
    of: str
    costs: Mapping[int, float]
    checked: Checked | None = None

    @property
    def slope(self) -> float:
        """Cost of one more, of the line through the smallest and the largest measured size."""
        first, *_, last = sorted(self.costs)
        return (self.costs[last] - self.costs[first]) / (last - first)

    @property
    def fixed(self) -> float:
        """What the line says of a size of nothing."""
        first = min(self.costs)
        return self.costs[first] - self.slope * first

    @property
    def bend(self) -> float | None:
        """How far the costs between lie from the line, as a share of the largest cost."""
        _, *between, last = sorted(self.costs)
        if not between:
            return None
        off = [self.costs[size] - self.at(size) for size in between]
        return max(off, key=abs) / max(self.costs[last], 0.01)

    def at(self, size: int) -> float:
        """Return what the line says of a size."""
        return self.fixed + self.slope * size

    @property
    def ratio(self) -> float | None:
        """How many times the prediction the checked size really cost."""
        if self.checked is None:
            return None
        return self.checked.cost / max(self.at(self.checked.size), 0.01)
