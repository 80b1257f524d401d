"""Backfills: the same run with other dates."""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.crypto_events.calendar import ensure_calendar
from flows.errors import BadInput, count_of
from flows.platform.warehouse.connection import execute, fetch_one, transaction
from flows.settings import Settings

MAX_WINDOW_DAYS = 31


def windows(first: date, last: date, longest: int = MAX_WINDOW_DAYS) -> Iterator[tuple[date, int]]:
    """Yield (`as_of`, `window_days`) of the runs that cover `first` to `last`, oldest first.

    Raises BadInput when `first` is after `last`.
    """
    if first > last:
        raise BadInput(f"--from {first} lies after --to {last}.")
    while first <= last:
        as_of = min(first + timedelta(days=longest - 1), last)
        yield as_of, (as_of - first).days + 1
        first = as_of + timedelta(days=1)


def windows_of_days(days: list[date], longest: int = MAX_WINDOW_DAYS) -> Iterator[tuple[date, int]]:
    """Yield the runs that cover exactly these days, given in order."""
    start = 0
    for index, day in enumerate(days):
        if index + 1 == len(days) or days[index + 1] - day > timedelta(days=1):
            yield from windows(days[start], day, longest)
            start = index + 1


def days_to_replay(settings: Settings) -> list[date]:
    """Return, in order, the days to run again for open rejects and unpublished corrections.

    Dates are parsed with the current contract, which may differ from the one that rejected them.
    """
    with transaction(settings, "replay") as connection:
        ensure_calendar(connection, settings)
        rows = execute(
            connection, "crypto_events/repair/days_to_replay.sql", {"time_zone": settings.time_zone}
        )
        return [row["day"] for row in rows]


def pruned_days(settings: Settings, first: date, last: date) -> str | None:
    """Return a sentence about days from `first` to `last` whose raw rows were pruned, or None."""
    with transaction(settings, "pruned days") as connection:
        found = fetch_one(
            connection,
            "crypto_events/repair/pruned_days.sql",
            {"first_day": first, "last_day": last},
        )
    if not found["days"]:
        return None
    return (
        f"Raw rows of {count_of(found['days'], 'day')} from {found['first_day']} to "
        f"{found['last_day']} were pruned on {found['pruned_on']} (KPI_RETENTION__RAW_DAYS): what "
        "was published of such a day stays as it is, and only rows that arrived since are added."
    )
