"""The KPIs of crypto events, as the page shows them: read, summed up, judged."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.warehouse import rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Published:
    """Active events of some days: one row per day, site and asset, with events and value."""

    first_day: date
    last_day: date
    rows: "pd.DataFrame"

    def by(self, column: str) -> "pd.DataFrame":
        """Return events and value by day, site or asset."""
        return self.rows.groupby(column, as_index=False)[["events", "value"]].sum()


def published(days: int) -> Published | None:
    """Return the `days` days up to the last one with an active event; None when there is none."""
    import pandas as pd

    found = rows("app/crypto_last_day.sql")
    if not found:
        return None
    last_day = found[0]["day"]
    first_day = last_day - timedelta(days=days - 1)
    read = rows("app/crypto_days.sql", first_day=first_day, last_day=last_day)
    return Published(first_day, last_day, pd.DataFrame(read))


def last_run() -> dict[str, Any] | None:
    """Return what was staged last, with `last_published_at` over all runs; None before any run."""
    found = rows("app/crypto_last_run.sql")
    return found[0] if found else None


def hours_since(moment: datetime) -> float:
    """Return how many hours ago that was."""
    return (datetime.now(UTC) - moment).total_seconds() / 3600
