"""Raw rows that share a key go in an order in which what is published stays right."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from flows.platform.warehouse.connection import Connection
from flows.retention.prune_warehouse import prune_warehouse
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.contracts.keys import by_contract, contract_with
from tests.crypto_rows import ARRIVED, AS_OF, add_rows, prod, publish


@pytest.fixture
def prune(settings: Settings) -> Callable[[Settings], None]:
    """Removes what is older than a day."""

    def removed(settings: Settings) -> None:
        values = settings.model_dump()
        retention = {**values["retention"], "raw_days": 1}
        short = Settings.model_validate({**values, "retention": retention})
        run = PruneRun(as_of=AS_OF + timedelta(days=30), mode="prune", run_id="pruning")
        prune_warehouse(short, run)

    return removed


def left(db: Connection) -> set[int]:
    """The numbers of the raw rows that are there."""
    rows = db.execute("SELECT raw_id FROM raw.bt_crypto_transaction_history").fetchall()
    return {row["raw_id"] for row in rows}


def test_an_older_row_goes_before_the_newest(
    settings: Settings, db: Connection, tmp_path: Path, prune: Callable[[Settings], None]
) -> None:
    newest_counts = by_contract(settings, contract_with(tmp_path, "newest"))
    older, newest = add_rows(db, {"purchase_units": "1"}, {"purchase_units": "3"})
    publish(newest_counts)
    published = prod(db)
    prune(newest_counts)
    assert older not in left(db)
    assert newest in left(db)
    publish(newest_counts)
    prune(newest_counts)
    assert newest not in left(db)
    add_rows(db, {"user_id": "7"}, arrived_at=ARRIVED + timedelta(days=1))
    publish(newest_counts)
    assert [row for row in prod(db) if row["user_id"] != 7] == published


def test_what_is_added_up_is_kept(
    settings: Settings, db: Connection, tmp_path: Path, prune: Callable[[Settings], None]
) -> None:
    summed = by_contract(settings, contract_with(tmp_path, "sum"))
    rows = {*add_rows(db, {}, {"purchase_units": "3"}, {"user_id": "7"})}
    publish(summed)
    prune(summed)
    assert rows <= left(db)
    add_rows(db, {"user_id": "7"}, arrived_at=ARRIVED + timedelta(days=1))
    publish(summed)
    assert {row["user_id"]: row["purchase_units"] for row in prod(db)} == {100012: 5, 7: 4}
