"""What a feature declares: one number about a user as of the cutoff."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "payments", "days", "decimal days", "money", "visits", "users", "share", "years", "yes or no"
]


@dataclass(frozen=True)
class Feature:
    """One number about a user as of the cutoff; NULL when the sources do not say.

    `spanish` is its description in the app's other language.

    `source`: "payments", an aggregate over the user's payments in the lookback (`days_ago` counts
    back from the cutoff, which is 0) with `default` for users who have none; or "user", over the
    other files. `skewed` values enter the model as their signed logarithm. Forms take values up
    to ten times `display_range`. `part_of` names the features that include all that this one
    counts: forms and uploads refuse a part that is larger than its whole. A `sensitive` one is
    what people must not be treated by in many places: one setting leaves all of them out.
    """

    name: str
    description: str
    spanish: str
    unit: Unit
    sql: str
    source: Literal["payments", "user"] = "user"
    default: str = "0"
    skewed: bool = True
    display_range: tuple[float, float] = (0, 100)
    part_of: tuple[str, ...] = ()
    sensitive: bool = False
