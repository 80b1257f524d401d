"""The deployment of `kpi check`: a run fails with what is missing, and tells the webhook."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from flows.errors import KpiError
from flows.observed.checks import look
from flows.observed.told import tell
from flows.platform.warehouse.connection import Connection, database_url
from flows.settings import Settings, load_settings
from tests.observed.rows import published
from tests.webhook import Webhook, webhook

if TYPE_CHECKING:
    from prefect.states import State

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@pytest.fixture
def hook(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook that is told, and the warehouse of this test for the flow."""
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    monkeypatch.setenv("KPI_HOME", str(settings.home))
    monkeypatch.setenv("KPI_CHECK__DISK_FREE_SHARE", "0")
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


def checked() -> "State[Any]":
    from flows.observed.flow import check

    flow: Any = check
    state: State[Any] = flow(return_state=True)
    return state


def test_what_is_missing_fails_a_run_and_is_told(db: Connection, hook: Webhook) -> None:
    published(db, hours_ago=30)

    state = checked()

    assert state.is_failed()
    assert str(state.message).startswith("1 thing missing.\n- crypto_events: the last success is")
    [told] = hook.texts
    assert told.startswith("kpi check: something is missing.\n- crypto_events: the last success is")
    assert "more than 26 hours ago" in told


def test_what_a_timer_has_told_a_run_does_not_tell_again(
    db: Connection, settings: Settings, hook: Webhook
) -> None:
    published(db, hours_ago=30)
    by_timer = load_settings()
    tell(by_timer, look(by_timer), datetime.now(UTC))
    assert len(hook.texts) == 1

    assert checked().is_failed()
    assert len(hook.texts) == 1


def test_a_run_that_cannot_look_says_why(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_nowhere(*_: object) -> None:
        raise KpiError("The setting KPI_CHECK__PIPELINES is wrong.")

    monkeypatch.setattr("flows.observed.flow.look", look_nowhere)

    assert checked().is_failed()
    [told] = hook.texts
    assert told.startswith("check failed: The setting KPI_CHECK__PIPELINES is wrong.")


def test_when_all_is_well_nobody_is_told(db: Connection, hook: Webhook) -> None:
    published(db, hours_ago=2)

    assert checked().is_completed()
    assert hook.texts == []
