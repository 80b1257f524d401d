"""The flow crypto-events, on a real Prefect API: what people see of a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Event, Thread

import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.local.machine import wait_until
from flows.platform.storage.layout import data_docs_index
from flows.platform.warehouse.connection import Connection, connect
from flows.settings import Settings
from tests.crypto_rows import AS_OF, GOOD_ROW, add_rows, prod, publish
from tests.flow_runs import run_crypto_events
from tests.webhook import Webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api", "hook"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

STEPS = [step.name for step in PIPELINE.steps]
PATIENCE = 60
BAD_ROW = {"site_id": "Brasil", "user_id": "2"}


def test_a_run_publishes_and_shows_what_it_did(
    quick: Settings, db: Connection, hook: Webhook
) -> None:
    add_rows(db, {}, {"user_id": "2"})

    ended = run_crypto_events(as_of=AS_OF)

    assert ended.completed
    assert ended.flow_run.name == "crypto-events as of 2025-03-10"
    assert [task_run.name for task_run in ended.task_runs] == STEPS
    assert set(ended.run_counts.values()) == {1}
    # Two rows of our own; the generator tops each of the five days up to four.
    assert len(prod(db)) == 20
    assert sorted(ended.artifacts) == [
        "crypto-data-docs",
        "crypto-publication",
        "crypto-validation-candidate",
        "crypto-validation-raw",
    ]
    checks = json.loads(ended.artifacts["crypto-validation-raw"].data)
    assert {check["passed"] for check in checks} == {"yes"}
    assert "site_id is one of ARGENTINA, BRASIL, MEXICO" in {check["check"] for check in checks}
    assert "| inserted | 20 |" in ended.artifacts["crypto-publication"].data
    docs = data_docs_index(quick)
    assert docs.exists()
    assert docs.as_uri() in ended.artifacts["crypto-data-docs"].data
    assert [text.split(": ")[0] for text in hook.texts] == [
        "crypto-events 2025-03-06 to 2025-03-10"
    ]
    assert "20 inserted" in hook.texts[0]


@pytest.mark.parametrize("step", ["build_events_candidate", "notify_success"])
def test_a_run_whose_lock_was_cut_is_completed_all_the_same(
    step: str, quick: Settings, db: Connection, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rows(db, {})
    ends = {"build_events_candidate": "stage_window", "notify_success": "count_late_rows"}[step]
    module = PIPELINE.step(step).function.partition(":")[0]
    does = getattr(import_module(module), ends)

    def cut_and_do(*arguments: object) -> object:
        # As a load balancer does with a connection that only waits.
        cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        db.execute(f"{cut} WHERE application_name LIKE 'kpi crypto_events as_of=%'")
        return does(*arguments)

    monkeypatch.setattr(f"{module}.{ends}", cut_and_do)
    ended = run_crypto_events(as_of=AS_OF, generate=False)

    assert ended.completed, ended.message
    assert set(ended.run_counts.values()) == {1}
    assert len(prod(db)) == 1
    assert ["1 inserted" in text for text in hook.texts] == [True]
    assert any("was cut: taken again" in log.message for log in ended.logs)


def test_bad_data_fails_the_run_once_and_leaves_prod_alone(
    quick: Settings, db: Connection, hook: Webhook
) -> None:
    add_rows(db, {})
    publish(quick)
    before = prod(db)
    add_rows(db, {"user_id": "3"}, BAD_ROW)

    ended = run_crypto_events(as_of=AS_OF, generate=False)

    assert ended.failed
    assert ended.message == (
        "1 of 3 raw rows of 2025-03-06 to 2025-03-10 break the contract (site_id_unknown: 1). "
        "Nothing was published. See them with `kpi rejects`; "
        "fix, dismiss or quarantine them, then run again."
    )
    assert ended.run_counts == {"build_events_candidate": 1, "ge_validate_raw": 1}
    assert ended.states["ge_validate_raw"] == "Failed"
    assert prod(db) == before
    by_reason = json.loads(ended.artifacts["crypto-rejects-by-reason"].data)
    assert by_reason == [{"reason": "site_id_unknown", "rows": 1}]
    assert "crypto-data-docs" in ended.artifacts
    assert hook.texts == [f"crypto-events as of 2025-03-10 failed: {ended.message}"]


def test_quarantine_publishes_the_rest(db: Connection, hook: Webhook) -> None:
    add_rows(db, {}, BAD_ROW)

    ended = run_crypto_events(
        as_of=AS_OF, generate=False, policy="quarantine", max_reject_share=0.5
    )

    assert ended.completed
    assert [row["user_id"] for row in prod(db)] == [int(GOOD_ROW["user_id"])]
    assert "crypto-rejects-by-reason" in ended.artifacts
    assert "1 inserted" in hook.texts[0]
    assert "1 rejected" in hook.texts[0]


def test_quarantine_refuses_more_bad_rows_than_its_share(db: Connection) -> None:
    add_rows(db, {}, BAD_ROW)

    ended = run_crypto_events(
        as_of=AS_OF, generate=False, policy="quarantine", max_reject_share=0.4
    )

    assert ended.failed
    assert "more than max_reject_share = 40.0% allows" in ended.message
    assert prod(db) == []


def test_a_lock_in_the_way_is_waited_out(
    quick: Settings, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_LOCK_TIMEOUT_SECONDS", "1")
    add_rows(db, {})
    publish(quick)
    add_rows(db, {"user_id": "2"})

    with prod_locked_until_a_step_gave_up(quick):
        ended = run_crypto_events(as_of=AS_OF, generate=False)

    assert ended.completed
    tries = ended.run_counts
    assert tries.pop("merge_to_prod") > 1
    assert set(tries.values()) == {1}
    assert "Traceback" not in ended.everything
    assert len(prod(db)) == 2


@pytest.mark.parametrize("rows", [[{}], [{}, BAD_ROW]], ids=["good", "bad"])
def test_no_secret_reaches_prefect(
    rows: list[dict[str, str]], quick: Settings, db: Connection, hook: Webhook
) -> None:
    add_rows(db, *rows)

    told = run_crypto_events(as_of=AS_OF, generate=False).everything

    assert "2025-03-06 to 2025-03-10" in told
    assert hook.url.rpartition("/")[2] not in told
    assert str(db.info.password) not in told
    assert len(hook.texts) == 1


@contextmanager
def prod_locked_until_a_step_gave_up(settings: Settings) -> Iterator[None]:
    """Keep writers out of prod until one that waited for it has ended."""

    def waiting() -> list[int]:
        return [
            row["pid"]
            for row in observer.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE application_name LIKE 'kpi merge_to_prod%' AND wait_event_type = 'Lock'"
            )
        ]

    def release() -> None:
        wait_until(lambda: bool(waiting()) or over.is_set(), PATIENCE)
        wait_until(lambda: not waiting(), PATIENCE)
        holder.rollback()

    with (
        connect(settings, "observer", autocommit=True) as observer,
        connect(settings, "holder") as holder,
    ):
        holder.execute("LOCK TABLE prod.bt_crypto_events IN SHARE MODE")
        over = Event()
        thread = Thread(target=release)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
