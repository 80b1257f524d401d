"""What a campaign changed: the contacted against who was held out."""

from dataclasses import dataclass
from math import sqrt

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Difference:
    """Churned share of the contacted less that of the control, with its 95 % interval."""

    mean: float
    low: float
    high: float


def difference(
    contacted: int, churned: int, control: int, control_churned: int
) -> Difference | None:
    """Compare so many users of each group, of whom so many churned; None where one is empty.

    The interval is Newcombe's hybrid score interval ("Interval estimation for the difference
    between independent proportions: comparison of eleven methods", 1998, method 10), of the score
    intervals of each share (Wilson, "Probable inference, the law of succession, and statistical
    inference", 1927): it holds for small groups and shares near 0 or 1 as well.
    """
    if not contacted or not control:
        return None
    ours, theirs = churned / contacted, control_churned / control
    low, high = _wilson(churned, contacted)
    control_low, control_high = _wilson(control_churned, control)
    mean = ours - theirs
    return Difference(
        mean,
        mean - sqrt((ours - low) ** 2 + (control_high - theirs) ** 2),
        mean + sqrt((high - ours) ** 2 + (theirs - control_low) ** 2),
    )


def _wilson(happened: int, users: int) -> tuple[float, float]:
    share, square = happened / users, _NORMAL_95**2
    middle = share + square / (2 * users)
    margin = _NORMAL_95 * sqrt(share * (1 - share) / users + square / (4 * users**2))
    whole = 1 + square / users
    return (middle - margin) / whole, (middle + margin) / whole
