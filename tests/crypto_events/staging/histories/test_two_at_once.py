"""Whatever two do at once, the next run leaves what a run that judges everything would."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from flows.crypto_events.publication.merge_to_prod import Publication
from flows.errors import PipelineBusy, StageLost
from flows.platform.warehouse.connection import Connection, connect
from flows.settings import Settings
from tests.crypto_events.oracle.contract_oracle import RawRow
from tests.crypto_events.staging.histories.warehouse_events import (
    cells,
    choice,
    happens,
    number,
    rows,
    several,
)
from tests.crypto_events.staging.histories.warehouse_history import History
from tests.crypto_rows import AS_OF

pytestmark = pytest.mark.timeout(900)

WINDOW = (AS_OF, 5)
QUARANTINE = ("run", 0, WINDOW, "quarantine")

works = st.one_of(
    st.tuples(st.just("deliver"), several, st.sampled_from(["append", "replace-days"])),
    st.tuples(st.just("arrive"), several),
    st.tuples(st.just("change"), number, cells),
    st.tuples(st.just("remove"), number),
    st.sampled_from([QUARANTINE, ("run", 0, WINDOW, "abort")]),
)


def at_once(history: History, pair: tuple[tuple[Any, ...], ...], name: str) -> None:
    """Let both happen at the same moment, each by a client of its own; one may be refused."""
    start = Barrier(len(pair))

    def work(which: int) -> None:
        folder = history.folder / str(which)
        folder.mkdir(exist_ok=True)
        with connect(history.settings, "test", autocommit=True) as db:
            client = replace(history, db=db, folder=folder, held=[])
            start.wait()
            try:
                happens(client, pair[which], f"{name}, {which}")
            except (PipelineBusy, StageLost):
                assert pair[which][0] == "run"

    with ThreadPoolExecutor(len(pair)) as pool:
        list(pool.map(work, range(len(pair))))


@hypothesis_settings(
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("KPI_TEST_HISTORIES", "30")) // 4,
    suppress_health_check=list(HealthCheck),
)
@given(
    chosen=choice,
    first=st.lists(rows, min_size=4, max_size=8),
    pairs=st.lists(st.tuples(works, works), min_size=2, max_size=4),
)
def test_a_verifying_run_finds_nothing_to_change(
    make_quick: Callable[..., Settings],
    db: Connection,
    tmp_path: Path,
    chosen: tuple[str, tuple[str, ...]],
    first: list[RawRow],
    pairs: list[tuple[tuple[Any, ...], tuple[Any, ...]]],
) -> None:
    history = History(make_quick(), db, False, tmp_path)
    history.begin()
    history.choose(*chosen)
    history.arrive(first)
    for index, pair in enumerate(pairs):
        at_once(history, pair, f"pair {index}")
        outcome = happens(history, QUARANTINE, f"run {index}")
        # It judges and compares every row anew, and raises where that differs from what was kept.
        verified = happens(replace(history, full=True), QUARANTINE, f"verifying {index}")
        if isinstance(outcome, Publication):
            assert isinstance(verified, Publication)
            assert verified == Publication(
                0, 0, 0, 0, unchanged=verified.unchanged, protected=verified.protected
            )
        else:
            assert verified == outcome
