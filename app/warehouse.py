"""What pages read from the warehouse: remembered for a while, and never waited for long."""

from typing import Any

import streamlit as st

from app.errors import NotThereYet
from app.language import say
from flows.platform.warehouse.connection import database_url, execute, transaction
from flows.settings import Settings, load_settings

_REMEMBERED_SECONDS, _TIMEOUT_SECONDS = 60, 30


def warehouse_settings() -> Settings:
    """Return the settings for reading; raise NotThereYet without a warehouse."""
    settings = load_settings()
    if settings.database_url is None:
        raise NotThereYet(
            say(
                "There is no warehouse to read from: `kpi up` starts everything, this app "
                "included; KPI_DATABASE_URL names one of your own."
            )
        )
    return settings.model_copy(update={"statement_timeout_seconds": _TIMEOUT_SECONDS})


def rows(name: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of `sql/<name>`, as of a minute ago at most."""
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
