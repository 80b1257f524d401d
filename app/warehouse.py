"""What pages read from the warehouse: cached for a while, with a timeout."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.errors import NotThereYet
from app.language import translate
from flows.platform.warehouse.connection import database_url, execute, transaction
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd

_REMEMBERED_SECONDS, _TIMEOUT_SECONDS = 60, 30


def warehouse_settings() -> Settings:
    """Return the settings for reading; raise NotThereYet without a warehouse."""
    settings = load_settings()
    if settings.database_url is None:
        raise NotThereYet(
            translate(
                "There is no warehouse to read from: `kpi up` starts everything, this app "
                "included; KPI_DATABASE_URL names one of your own."
            )
        )
    return settings.model_copy(update={"statement_timeout_seconds": _TIMEOUT_SECONDS})


def rows(name: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of `sql/<name>`, at most a minute old."""
    return _rows(warehouse_settings(), name, parameters)


@st.cache_data(
    ttl=_REMEMBERED_SECONDS,
    max_entries=100,
    show_spinner=False,
    hash_funcs={Settings: database_url},
)
def _rows(settings: Settings, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with transaction(settings, "app") as connection:
        return [dict(row) for row in execute(connection, name, parameters).fetchall()]


@dataclass(frozen=True)
class Published:
    """Active events of a range of days: one row per day, site and asset, with events and value."""

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
    """Return the last staged run, with `last_published_at` over all runs; None before any run."""
    found = rows("app/crypto_last_run.sql")
    return found[0] if found else None


def hours_since(moment: datetime) -> float:
    """Return how many hours ago that was."""
    return (datetime.now(UTC) - moment).total_seconds() / 3600
