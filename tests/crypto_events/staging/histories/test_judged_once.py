"""Whatever happened before, a run that judges only what changed ends as one that judges all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import Connection, connect
from flows.settings import Settings
from tests.crypto_events.oracle.contract_oracle import RawRow
from tests.crypto_events.staging.histories.warehouse_events import choice, events, happens, rows
from tests.crypto_events.staging.histories.warehouse_history import History
from tests.crypto_events.staging.histories.warehouse_tables import LEFT
from tests.crypto_rows import AS_OF
from tests.environment.fresh_database import fresh_database

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def full_database(server: PostgresServer, template: str, database_url: str) -> Iterator[str]:
    """URL of a second fresh database."""
    name = database_url.rpartition("/")[2].partition("?")[0] + "_full"
    with fresh_database(server, name, template) as url:
        yield url


@pytest.fixture
def both(
    make_quick: Callable[..., Settings], db: Connection, full_database: str, tmp_path: Path
) -> Iterator[tuple[History, History]]:
    """A warehouse whose runs judge what changed, and one whose runs judge everything."""
    quick = make_quick()
    other = quick.model_copy(update={"database_url": SecretStr(full_database)})
    with connect(other, "test", autocommit=True) as other_db:
        yield History(quick, db, False, tmp_path), History(other, other_db, True, tmp_path)


@pytest.mark.long
@hypothesis_settings(
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("KPI_TEST_HISTORIES", "30")),
    suppress_health_check=list(HealthCheck),
)
@given(
    chosen=choice,
    first=st.lists(rows, min_size=4, max_size=8),
    story=st.lists(events, min_size=4, max_size=12),
)
def test_judging_what_changed_equals_judging_all(
    both: tuple[History, History],
    chosen: tuple[str, tuple[str, ...]],
    first: list[RawRow],
    story: list[tuple[Any, ...]],
) -> None:
    for history in both:
        history.begin()
        history.choose(*chosen)
    run = ("run", 0, (AS_OF, 5), "quarantine")
    whole = [("arrive", first), run, *story, run, ("release",), run]
    for number, event in enumerate(whole):
        incremental, full = (happens(history, event, f"run {number:02}") for history in both)
        assert incremental == full
        for history in both:
            for what in ("raw rows", "judged rows", "live rows"):
                assert history.counted(f"kept {what}") == history.counted(what), what
        if event[0] in ("run", "overtaken"):
            for what in LEFT:
                assert both[0].left(what) == both[1].left(what), what
            looked_at, every = (history.staged() for history in both)
            assert looked_at == {raw_id: every[raw_id] for raw_id in looked_at}
            vouched = [row for raw_id, row in every.items() if raw_id not in looked_at]
            assert all(row["reasons"] is row["dismissed"] is None for row in vouched)
