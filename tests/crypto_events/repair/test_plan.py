"""A plan says what the run then does, and changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.repair.plan import plan_publication
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.errors import PipelineBusy
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_rows import AS_OF, add_rows, change_row, publish, remove_rows, stage

NINTH = {"purchase_date": "9/3/2025"}


@pytest.fixture
def changed_source(quick: Settings, db: Connection) -> None:
    """Publish four rows; then one is changed, one gone, one back, one new, one bad."""
    same, changed, gone, back = add_rows(
        db, {}, {"user_id": "2"}, {"user_id": "3"}, {"user_id": "4", **NINTH}
    )
    add_rows(db, {"user_id": "5", **NINTH})
    publish(quick)
    db.execute("UPDATE prod.bt_crypto_events SET is_active = false WHERE user_id = 4")
    change_row(db, changed, purchase_price="3")
    remove_rows(db, gone)
    add_rows(db, {"user_id": "6"}, {"user_id": "7", "site_id": "Brasil"}, {})
    assert len({same, back}) == 2


def every_table(db: Connection) -> dict[str, tuple[Any, ...]]:
    """Rows and content of every table that has any kind of rows; files tell rewritten ones."""
    tables = db.execute(
        "SELECT schemaname, tablename,"
        " pg_relation_filenode(format('%I.%I', schemaname, tablename)::regclass) AS file"
        " FROM pg_tables WHERE schemaname IN ('raw', 'staging', 'prod', 'dqm')"
    ).fetchall()
    found = {}
    for table in tables:
        name = sql.Identifier(table["schemaname"], table["tablename"])
        row = db.execute(
            sql.SQL(
                "SELECT count(*) AS rows, sum(hash_record_extended(t, 0)::numeric) AS hash"
                " FROM {} AS t"
            ).format(name)
        ).fetchone()
        found[f"{table['schemaname']}.{table['tablename']}"] = (
            table["file"],
            row["rows"],
            row["hash"],
        )
    return found


@pytest.mark.usefixtures("changed_source")
@pytest.mark.parametrize("policy", ["abort", "quarantine"])
def test_a_plan_says_what_the_run_then_does(policy: str, quick: Settings) -> None:
    plan = plan_publication(quick, plan_run(quick, AS_OF, policy=policy))

    run = stage(quick, tolerated=True, policy=policy)
    assert plan.built == build_events_candidate(quick, run)
    run = stage(quick, tolerated=True, policy=policy)
    assert plan.publication == merge_to_prod(quick, run)
    assert (plan.publication.inserted, plan.publication.updated) == (1, 1)
    assert (plan.publication.reactivated, plan.publication.deactivated) == (1, 1)
    assert plan.publication.unchanged == 2
    assert plan.built.superseded_rows == 1
    assert plan.reasons == {"site_id_unknown": 1}
    assert plan.days == [
        {"day": AS_OF.replace(day=9), **operations(reactivated=1)},
        {"day": AS_OF, **operations(inserted=1, updated=1, deactivated=1)},
    ]


@pytest.mark.usefixtures("changed_source")
def test_a_plan_changes_nothing(quick: Settings, db: Connection) -> None:
    before = every_table(db)

    plan_publication(quick, plan_run(quick, AS_OF))

    assert before["staging.bt_crypto_events_window"][1] == 5
    assert every_table(db) == before


def test_a_plan_of_an_unknown_month_creates_no_partition(quick: Settings, db: Connection) -> None:
    add_rows(db, {})

    plan = plan_publication(quick, plan_run(quick, AS_OF))

    assert plan.publication.inserted == 1
    assert [name for name in every_table(db) if name.startswith("prod.bt_crypto")] == [
        "prod.bt_crypto_events"
    ]


def test_a_plan_does_not_disturb_a_run(quick: Settings) -> None:
    run = plan_run(quick, AS_OF)

    with (
        pipeline_lock(quick, PIPELINE.name, run),
        pytest.raises(PipelineBusy, match=run.run_id),
    ):
        plan_publication(quick, plan_run(quick, AS_OF))


def operations(**counts: int) -> dict[str, int]:
    return {"inserted": 0, "updated": 0, "reactivated": 0, "deactivated": 0} | counts


def test_a_plan_tells_what_the_delivery_asks(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    soon = make_quick(contract=changed(tmp_path, "knownDays: 7", "knownDays: 1"))
    eighth = [{"user_id": str(user), "purchase_date": "8/3/2025"} for user in range(1, 11)]
    add_rows(db, *eighth, NINTH, {})
    assert plan_publication(soon, plan_run(soon, AS_OF)).questions == [
        "2025-03-09 has 1 row, less than 20 % of the 10 of 1 day before (day_has_few_rows)"
    ]
    assert plan_publication(soon, plan_run(soon, AS_OF, window_days=1)).questions == []
