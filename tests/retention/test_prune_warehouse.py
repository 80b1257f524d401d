"""Hundreds of days of a warehouse: what grows stops growing, what is needed stays."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.crypto_events.repair.backfill import pruned_days
from flows.crypto_events.run import WindowRun
from flows.errors import PipelineBusy
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.connection import Connection, execute
from flows.retention import ledger
from flows.retention import prune_warehouse as module
from flows.retention.ledger import of_run
from flows.retention.prune_warehouse import RAW, prune_warehouse
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.conftest import FEW_YEARS
from tests.retention.days import LAST, RAW_ROWS, pass_days, sizes

KEPT = 100
FIRST = LAST - timedelta(days=249)
OPEN = 5  # rejects of the months before what is kept, with their rows
_processes = multiprocessing.get_context("fork")


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """Everything is kept for a hundred days, and removed in many batches."""
    kept = {
        f"{name}_days": KEPT
        for name in ("raw", "replaced", "rejects", "dismissals", "runs", "scores", "drift")
    }
    chosen = make_settings(**FEW_YEARS, policy="quarantine", max_reject_share=1, min_rows_per_day=4)
    return Settings.model_validate({**chosen.model_dump(), "retention": {**kept, "batch_rows": 37}})


@pytest.fixture(autouse=True)
def _nothing_of_before(db: Connection) -> None:
    db.execute("DELETE FROM raw.bt_crypto_transaction_history")


def pruning(as_of: date = LAST, **changes: Any) -> PruneRun:
    return PruneRun(**{"as_of": as_of, "mode": "prune", **changes})


def published(db: Connection) -> object:
    """What changes when any published row changes, its time stamps included."""
    return execute(db, "crypto_events/publication/fingerprint.sql").fetchone()


def window(last: date, days: int) -> WindowRun:
    return WindowRun(as_of=last, window_days=days, policy="quarantine", max_reject_share=1)


def backfill(settings: Settings, last: date, days: int) -> dict[str, Any]:
    """Run the steps up to the publication, without fake rows; return their results."""
    return run_steps(
        CRYPTO_EVENTS,
        settings,
        window(last, days),
        first="build_events_candidate",
        last="merge_to_prod",
    )


def test_every_table_stops_growing_and_open_rejects_stay(
    db: Connection, settings: Settings
) -> None:
    before = LAST - timedelta(days=91)  # whole months later, their days differ a little
    pass_days(db, settings, LAST - timedelta(days=399), before)
    prune_warehouse(settings, pruning(before))
    once = sizes(db)
    pass_days(db, settings, before + timedelta(days=1), LAST)
    prune_warehouse(settings, pruning())
    twice = sizes(db)

    for table, rows in twice.items():
        # A row of each month that nobody decided about, and months of scores as a whole.
        assert rows <= once[table] * 1.1 + 5, table
    kept = LAST - timedelta(days=KEPT)
    assert db.execute(
        "SELECT count(*) AS rows FROM raw.bt_crypto_transaction_history WHERE arrived_at < %s",
        [kept],
    ).fetchone() == {"rows": 10}, "the open ones of ten months, with their rows"
    assert db.execute(
        "SELECT count(*) AS rows FROM dqm.bt_crypto_events_rejects WHERE resolved_at IS NULL"
    ).fetchone() == {"rows": 13}
    assert db.execute("SELECT count(*) AS rows FROM prod.bt_crypto_events").fetchone() == {
        "rows": 1200
    }, "what is published stays for good"
    assert db.execute(
        "SELECT count(*) AS rows FROM dqm.bt_churn_sources WHERE event_at IS NOT NULL"
    ).fetchone() != {"rows": 0}, "the last event is what files are compared with"


def test_a_backfill_of_the_kept_period_is_as_before(db: Connection, settings: Settings) -> None:
    pass_days(db, settings, FIRST, LAST)
    before = backfill(settings, LAST, 60)
    there = published(db)

    prune_warehouse(settings, pruning())
    after = backfill(settings, LAST, 60)

    assert after == before
    assert published(db) == there


def test_a_pruned_day_is_no_day_without_deliveries(
    db: Connection, settings: Settings, tmp_path: Any
) -> None:
    pass_days(db, settings, FIRST, LAST)
    prune_warehouse(settings, pruning())
    there = published(db)
    day = LAST - timedelta(days=200)
    late = tmp_path / "late.csv"
    late.write_text(
        "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units\n"
        f"BRASIL,99,{day:%d/%m/%Y},BTC,5,1\n"
    )

    assert (
        run_steps(CRYPTO_EVENTS, settings, window(day, 3), last="merge_to_prod", generate=True)[
            "generate_fake_history_last_5_days"
        ].rows
        == 0
    ), "no row is invented beside what is published"
    assert published(db) == there
    ingest(settings, late, "append")
    publication = backfill(settings, day, 3)["merge_to_prod"]
    assert (publication.inserted, publication.deactivated, publication.protected) == (1, 0, 9)
    assert f"{day - timedelta(days=2)} to {day} were pruned on" in str(
        pruned_days(settings, day - timedelta(days=2), day)
    )
    assert pruned_days(settings, LAST, LAST) is None

    # The whole day, delivered again, says what is gone.
    ingest(settings, late, "replace-days")
    assert backfill(settings, day, 1)["merge_to_prod"].deactivated == 3


def test_what_was_judged_of_a_row_goes_with_it(db: Connection, settings: Settings) -> None:
    pass_days(db, settings, FIRST, LAST)
    day = LAST - timedelta(days=200)
    backfill(settings, day, 2)
    db.execute("INSERT INTO raw.bt_crypto_touched (purchase_date, user_id) VALUES (%s, 1)", [day])

    prune_warehouse(settings, pruning())

    assert db.execute("SELECT FROM raw.bt_crypto_judged").fetchall() == []
    touched = db.execute(
        "SELECT DISTINCT purchase_date, user_id FROM raw.bt_crypto_touched"
    ).fetchall()
    assert {(row["purchase_date"], row["user_id"]) for row in touched} == {
        (day - timedelta(days=1), None),
        (day, None),
    }


def test_a_row_that_no_run_has_published_stays(db: Connection, settings: Settings) -> None:
    pass_days(db, settings, FIRST, LAST)
    day = LAST - timedelta(days=230)
    db.execute(
        "UPDATE prod.bt_crypto_events SET purchase_price = 1 WHERE purchase_date = %s", [day]
    )

    prune_warehouse(settings, pruning())

    left = db.execute(
        "SELECT count(*) AS rows FROM raw.bt_crypto_transaction_history "
        "WHERE arrived_at::date = %s",
        [day],
    ).fetchone()
    assert left == {"rows": RAW_ROWS - 1 + (day.day == 10)}


def test_a_dry_run_counts_the_same_and_changes_nothing(db: Connection, settings: Settings) -> None:
    pass_days(db, settings, FIRST, LAST)
    before, there = sizes(db), published(db)
    dry, wet = pruning(mode="dry-run"), pruning()

    prune_warehouse(settings, dry)
    assert (sizes(db), published(db)) == (before, there)
    assert db.execute("SELECT FROM dqm.bt_crypto_events_pruned_days").fetchone() is None
    prune_warehouse(settings, dry)  # a retry of the step counts anew

    prune_warehouse(settings, wet)
    assert counted(settings, dry) == counted(settings, wet)
    again = pruning()
    prune_warehouse(settings, again)
    assert set(counted(settings, again).values()) == {(0, 0)}


def counted(settings: Settings, run: PruneRun) -> dict[str, tuple[int, int]]:
    lines = of_run(settings, run.run_id)
    return {line["place"]: (line["rows"], line["bytes"]) for line in lines}


@pytest.mark.parametrize("batch", [0, 30])
def test_killed_at_any_batch_it_is_completed_by_the_next_run(
    db: Connection, settings: Settings, batch: int
) -> None:
    pass_days(db, settings, FIRST, LAST)
    there = published(db)
    run = pruning()
    settings = settings.model_copy(
        update={"retention": settings.retention.model_copy(update={"batch_rows": 400})}
    )

    killed = _processes.Process(target=_prune_and_die, args=(settings, run, batch))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    prune_warehouse(settings, run)

    assert published(db) == there
    left = db.execute(
        "SELECT count(*) AS rows FROM raw.bt_crypto_transaction_history WHERE arrived_at < %s",
        [LAST - timedelta(days=KEPT)],
    ).fetchone()
    assert left == {"rows": OPEN}
    marked = db.execute("SELECT sum(rows) AS rows FROM dqm.bt_crypto_events_pruned_days").fetchone()
    assert marked == {"rows": 149 * RAW_ROWS}
    assert counted(settings, run)[RAW][0] == 149 * RAW_ROWS, "each row is counted once"


def _prune_and_die(settings: Settings, run: PruneRun, batch: int) -> None:
    batches = iter(range(batch))

    def die(*arguments: Any) -> None:
        ledger.record(*arguments)
        if next(batches, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    with patch.object(module, "record", die):
        prune_warehouse(settings, run)


def test_a_run_that_is_at_work_is_named(db: Connection, settings: Settings) -> None:
    pass_days(db, settings, FIRST, FIRST + timedelta(days=10))
    before = sizes(db)

    with (
        pipeline_lock(settings, "crypto_events", window(LAST, 5)),
        pytest.raises(PipelineBusy, match=r"Another run holds crypto_events: .* as of 2026-06-30"),
    ):
        prune_warehouse(settings, pruning())

    assert sizes(db) == before
