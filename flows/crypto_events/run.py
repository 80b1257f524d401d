"""A run is an interval: the days it rebuilds, never "today" inside a query."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import uuid4

from flows.errors import BadInput
from flows.platform.pipeline.run import Run
from flows.settings import Settings


@dataclass(frozen=True, kw_only=True)
class WindowRun(Run):
    """One run of crypto_events: `as_of` is the last day of its window."""

    window_days: int
    policy: Literal["abort", "quarantine"]
    max_reject_share: float
    allow_mass_deactivation: bool = False
    accept_delivery: bool = False
    full: bool = False
    verify: bool = False

    @property
    def window_start(self) -> date:
        """First day of the window; the window has exactly `window_days` days."""
        return self.as_of - timedelta(days=self.window_days - 1)

    @property
    def days(self) -> list[date]:
        """Every day of the window, oldest first."""
        return [self.window_start + timedelta(days=n) for n in range(self.window_days)]

    def arrival_bounds(self, settings: Settings) -> tuple[datetime, datetime]:
        """Return the window's first instant and the first one after it, in the settings' zone."""
        return arrival_bounds(settings, self.window_start, self.as_of)

    def __str__(self) -> str:
        return f"{self.window_start} to {self.as_of}"


def arrival_bounds(settings: Settings, first: date, last: date) -> tuple[datetime, datetime]:
    """Return the first instant of `first` and the one after `last`, in the settings' zone."""
    return (
        datetime.combine(first, time.min, settings.zone),
        datetime.combine(last + timedelta(days=1), time.min, settings.zone),
    )


def plan_run(
    settings: Settings,
    as_of: date | None = None,
    *,
    window_days: int | None = None,
    policy: Literal["abort", "quarantine"] | None = None,
    max_reject_share: float | None = None,
    allow_mass_deactivation: bool = False,
    accept_delivery: bool = False,
    full: bool = False,
    verify: bool = False,
    run_id: str | None = None,
) -> WindowRun:
    """Return the run for `as_of` (default: today in the settings' time zone).

    Parameters left out come from the settings. Raises BadInput when the window would leave the
    calendar.
    """
    crypto = settings.crypto
    as_of = as_of or datetime.now(settings.zone).date()
    window_days = window_days or crypto.window_days
    if not date.min + timedelta(days=window_days) < as_of < date.max - timedelta(days=1):
        raise BadInput(f"A window of {window_days} days up to {as_of} leaves the calendar.")
    return WindowRun(
        as_of=as_of,
        window_days=window_days,
        policy=policy or crypto.policy,
        max_reject_share=crypto.max_reject_share if max_reject_share is None else max_reject_share,
        allow_mass_deactivation=allow_mass_deactivation,
        accept_delivery=accept_delivery,
        full=full,
        verify=verify,
        run_id=run_id or str(uuid4()),
    )
