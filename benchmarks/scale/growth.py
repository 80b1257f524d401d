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

    `of` is what grows: rows of the window, users, older rows, days. A line takes two sizes: with
    fewer there is no slope, and nothing that follows from one.
    """

    name: str
    unit: str
    of: str
    costs: Mapping[int, float]
    checked: Checked | None = None

    @property
    def slope(self) -> float | None:
        """Cost of one more, of the line through the smallest and the largest measured size."""
        first, last = min(self.costs, default=0), max(self.costs, default=0)
        if first == last:
            return None
        return (self.costs[last] - self.costs[first]) / (last - first)

    @property
    def fixed(self) -> float | None:
        """What the line says of a size of nothing."""
        return self.at(0)

    @property
    def bend(self) -> float | None:
        """How far the costs between lie from the line, as a share of the largest cost."""
        _, *between = sorted(self.costs)[:-1] or (0,)
        off = [self.costs[size] - line for size in between if (line := self.at(size)) is not None]
        return max(off, key=abs) / max(self.costs[max(self.costs)], 0.01) if off else None

    def at(self, size: int) -> float | None:
        """Return what the line says of a size."""
        slope = self.slope
        if slope is None:
            return None
        first = min(self.costs)
        return self.costs[first] + slope * (size - first)

    @property
    def ratio(self) -> float | None:
        """How many times the prediction the checked size really cost."""
        if self.checked is None:
            return None
        predicted = self.at(self.checked.size)
        return None if predicted is None else self.checked.cost / max(predicted, 0.01)
