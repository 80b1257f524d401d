"""How many users to contact, and what that is expected to gain."""

from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any


@dataclass(frozen=True)
class Campaign:
    """What a contact costs, and keeps: of those who would churn such a share, worth so much."""

    contact_cost: float
    kept_value: float
    success: float

    @property
    def worth_from(self) -> float:
        """The probability above which a contact gains more than it costs; infinite for none."""
        keeps = self.success * self.kept_value
        return self.contact_cost / keeps if keeps else inf

    def gain(self, users: int, expected: float) -> float:
        """Return the expected gain of contacting users, so many of whom would churn."""
        return expected * self.success * self.kept_value - users * self.contact_cost

    def within(self, budget: float, users: int) -> int:
        """Return how many of so many users the budget pays for, to the last cent."""
        # As people write them: of floats, 4.35 pays for 434 contacts of 0.01.
        has, cost = Decimal(str(budget)), Decimal(str(self.contact_cost))
        return users if has >= cost * users else int(has // cost)


def gain_curve(campaign: Campaign, by_percent: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Return the expected gain by number of contacts, a point per percent of probability."""
    users, expected = 0, 0.0
    points: list[dict[str, float]] = [{"contacts": 0, "gain": 0.0}]
    for row in by_percent:
        users += row["users"]
        expected += row["expected"]
        points.append({"contacts": users, "gain": campaign.gain(users, expected)})
    return points
