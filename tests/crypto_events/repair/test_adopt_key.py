"""The published table gets another key, and back, and no row of it is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.repair.adopt_key import adopt_key
from flows.crypto_events.repair.plan import plan_publication
from flows.crypto_events.run import plan_run
from flows.errors import BadInput, StageLost
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.keys import KEY, KEYS, contract_with
from tests.crypto_rows import AS_OF, add_rows, prod, publish, reasons, remove_rows, stage

BY_KEY, BY_DAY, BY_PRICE = KEYS
Choose = Callable[..., Settings]


@pytest.fixture
def choose(make_quick: Callable[..., Settings], tmp_path: Path) -> Choose:
    """Settings by a contract with the key and the choice."""
    return lambda key=KEY, shared="refuse", **crypto: make_quick(
        contract=contract_with(tmp_path, shared, key), **crypto
    )


def index_of(db: Connection) -> list[str]:
    """The definitions of the published table's unique indexes, on it and on its partitions."""
    rows = db.execute(
        "SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index"
        " WHERE indrelid IN (SELECT relid FROM pg_partition_tree('prod.bt_crypto_events'))"
        " AND indisprimary AND indisvalid"
    ).fetchall()
    return [row["text"].partition("(")[2].rstrip(")") for row in rows]


def everything(db: Connection) -> list[dict[str, Any]]:
    """Every row that was ever published, as it is there or set aside."""
    columns = (
        "purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units,"
        " purchase_value, is_active, created_at, updated_at"
    )
    return db.execute(
        f"SELECT {columns} FROM prod.bt_crypto_events"
        f" UNION ALL SELECT {columns} FROM dqm.bt_crypto_events_of_other_keys ORDER BY {columns}"
    ).fetchall()


def test_to_another_key_and_back(choose: Choose, db: Connection) -> None:
    add_rows(db, {}, {"crypto_type": "ETH"}, {"site_id": "MEXICO"}, {"user_id": "7"})
    gone, *_ = add_rows(db, {"user_id": "8", "crypto_type": "ETH"}, {"user_id": "8"})
    publish(choose())
    remove_rows(db, gone)
    publish(choose())
    by_day_and_user = {"purchase_date, user_id, site_id, crypto_type"}
    assert set(index_of(db)) == by_day_and_user
    published, before = prod(db), everything(db)
    assert [row["is_active"] for row in published].count(False) == 1

    coarser = choose(BY_DAY, "newest")
    for refused in (stage, publish, lambda s: plan_publication(s, plan_run(s, AS_OF))):
        with pytest.raises(BadInput, match="`kpi contract adopt-key` gives the table"):
            refused(coarser)
    assert prod(db) == published

    adopted = adopt_key(coarser)
    assert (adopted.set_aside, adopted.back) == (3, 0)
    assert (adopted.first_day, adopted.last_day) == (AS_OF, AS_OF)
    assert everything(db) == before
    assert {row["user_id"]: row["is_active"] for row in prod(db)} == {
        100012: True,
        7: True,
        8: True,
    }
    assert set(index_of(db)) == {"purchase_date, user_id"}
    assert len(index_of(db)) > 1
    assert not adopt_key(coarser).changed

    publish(coarser)
    assert [(row["user_id"], row["site_id"]) for row in prod(db)] == [
        (7, "ARGENTINA"),
        (8, "ARGENTINA"),
        (100012, "MEXICO"),  # the one that arrived last
    ]

    back = choose()
    # The third says what the newest said, and that is published meanwhile.
    assert adopt_key(back).back == 2
    assert set(index_of(db)) == by_day_and_user
    publish(back)
    told = ("site_id", "user_id", "crypto_type", "purchase_price", "purchase_units", "is_active")
    assert [[row[name] for name in told] for row in prod(db)] == [
        [row[name] for name in told] for row in published
    ]


def test_a_key_with_the_price_tells_purchases_apart(choose: Choose, db: Connection) -> None:
    settings = choose(policy="quarantine", max_reject_share=1)
    add_rows(db, {}, {"purchase_price": "21000"}, {"purchase_price": "20000.0"})
    publish(settings, tolerated=True)
    assert len(prod(db)) == 1

    finer = choose(BY_PRICE)
    assert adopt_key(finer).set_aside == 0
    assert publish(finer).inserted == 1
    assert [row["purchase_price"] for row in prod(db)] == [20000, 21000]
    assert adopt_key(settings).set_aside == 1
    publish(settings, tolerated=True)
    assert len(prod(db)) == 1
    assert list(reasons(db).values()) == [["duplicate_candidate"]]


def test_what_a_rejected_row_may_be_stays_live_by_any_key(choose: Choose, db: Connection) -> None:
    settings = choose(BY_PRICE, policy="quarantine", max_reject_share=1)
    adopt_key(settings)
    kept, other = add_rows(db, {}, {"crypto_type": "ETH"})
    publish(settings)
    remove_rows(db, kept, other)
    add_rows(db, {"purchase_price": "-1"}, {"user_id": "7"})
    publication = publish(settings, tolerated=True)
    assert (publication.protected, publication.deactivated) == (1, 1)


def test_a_run_that_has_staged_by_the_other_key_begins_again(
    choose: Choose, db: Connection
) -> None:
    add_rows(db, {})
    run = stage(choose())
    finer = choose(BY_PRICE)
    adopt_key(finer)
    with pytest.raises(BadInput, match="the contract says"):
        merge_to_prod(choose(), run)
    with pytest.raises(StageLost):
        merge_to_prod(finer, run)
    assert prod(db) == []
