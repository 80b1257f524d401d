"""The users that a visitor chose, read page by page: the warehouse ranks and counts them."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from app.warehouse import rows, warehouse_settings
from flows.platform.warehouse.connection import execute, transaction

MOST_CONTACTS = 100_000
"""More are no list for people; scores are a table that anybody may query."""


@dataclass(frozen=True)
class ScoredDay:
    """The last day that was scored, and with which version."""

    as_of: date
    version: str


@dataclass(frozen=True)
class Chosen:
    """Users of a day: None, 0 and 0 choose all. `active`: who paid in the last 90 days, or not."""

    as_of: date
    active: bool | None = True
    segment: str | None = None
    city: str | None = None
    spent: float = 0.0
    probability: float = 0.0


@dataclass(frozen=True)
class First:
    """The chosen users with the highest probabilities: what to expect of them."""

    users: int
    expected: float
    spent: float
    lowest: float | None


def last_day() -> ScoredDay | None:
    """Return the last scored day; None before anybody was scored."""
    found = rows("app/at_risk/last_day.sql")
    return ScoredDay(found[0]["as_of"], found[0]["model_version"]) if found else None


def choices(as_of: date, kind: Literal["segment", "city"]) -> list[str]:
    """Return the segments or cities of the day, those of most users first."""
    return [row["name"] for row in rows("app/at_risk/choices.sql", as_of=as_of, kind=kind)]


def by_percent(chosen: Chosen) -> list[dict[str, Any]]:
    """Return how many there are by percent of probability, and how many are expected to churn."""
    return rows("app/at_risk/by_percent.sql", **asdict(chosen))


def worth_contacting(chosen: Chosen, worth_from: float) -> int:
    """Return how many have a higher probability than this: one over MOST_CONTACTS at most."""
    most = MOST_CONTACTS + 1
    found = rows("app/at_risk/worth.sql", **asdict(chosen), worth_from=worth_from, limit=most)
    return int(found[0]["users"])


def first(chosen: Chosen, number: int) -> First:
    """Return what to expect of so many with the highest probabilities."""
    return First(**rows("app/at_risk/first.sql", **asdict(chosen), limit=number)[0])


def page_of(chosen: Chosen, size: int, number: int) -> list[dict[str, Any]]:
    """Return a page of them, the most likely to churn first; pages count from 1."""
    return rows("app/at_risk/page.sql", **asdict(chosen), limit=size, offset=(number - 1) * size)


def contacts(chosen: Chosen, number: int) -> list[dict[str, Any]]:
    """Return so many with the highest probabilities, read anew and kept nowhere."""
    limits = {"limit": min(number, MOST_CONTACTS), "offset": 0}
    with transaction(warehouse_settings(), "app") as connection:
        found = execute(connection, "app/at_risk/page.sql", {**asdict(chosen), **limits})
        return [dict(row) for row in found]


def user_id_of(text: str) -> int | None:
    """Return the id that was typed; None for what no user can have: all ids have 64 bits."""
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        return None
    return number if -(2**63) <= (number := int(text)) < 2**63 else None


def score_of(as_of: date, user_id: int) -> dict[str, Any] | None:
    """Return the day's score of a user; None where there is none."""
    found = rows("app/at_risk/user.sql", as_of=as_of, user_id=user_id)
    return found[0] if found else None
