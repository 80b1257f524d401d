"""The watchdog: changed source files are told of once, and never forgotten."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.churn.events import emit
from flows.churn.pipeline import SOURCES_CHANGED
from flows.churn.planning import plan_snapshot
from flows.churn.run import ChurnRun
from flows.churn.sources.changes import emit_source_update as emitting
from flows.churn.sources.changes.detect_source_changes import detect_source_changes
from flows.churn.sources.changes.emit_source_update import (
    SourceUpdate,
    emit_source_update,
    remember_sources,
)
from flows.churn.sources.contract import SOURCE_FILES
from flows.errors import BadInput, KpiError
from flows.platform.pipeline.unexpected import UnexpectedError
from flows.platform.warehouse.connection import Connection, database_url
from flows.settings import Settings
from tests.churn.churn_files import ROWS, deliver
from tests.churn.retraining import note_trainings

if TYPE_CHECKING:
    from prefect.states import State


ALL = [file.name for file in SOURCE_FILES]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files that events told of; test_retraining_event.py has a real Prefect server."""
    events: list[list[str]] = []

    def emit(_: object, event: str, __: object, payload: dict[str, Any]) -> bool:
        assert event == SOURCES_CHANGED
        events.append(payload["changed"])
        return True

    monkeypatch.setattr(emitting, "emit", emit)
    return events


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return deliver(tmp_path / "source")


def watch(settings: Settings, source: Path) -> SourceUpdate:
    run = plan_snapshot(settings, source=source)
    detect_source_changes(settings, run)
    return emit_source_update(settings, run)


def change(source: Path, name: str) -> None:
    deliver(source, **{name: ROWS[name][:-1]})


def test_changed_files_are_told_of_once(
    settings: Settings, source: Path, said: list[list[str]]
) -> None:
    first = watch(settings, source)
    assert (first.due, first.handed_over) == (True, True)
    assert said == [ALL]

    nothing = watch(settings, source)
    assert (nothing.due, nothing.handed_over) == (False, False)
    assert nothing.message == f"No source file changed in {source}: nothing is started."

    change(source, "DEMOGRAFICOS")
    again = watch(settings, source)
    assert again.message == (
        f"Changed in {source}: DEMOGRAFICOS.csv. Event: churn.sources.changed."
    )
    watch(settings, source)
    assert said == [ALL, ["DEMOGRAFICOS"]]


def test_killed_at_any_point_nothing_is_forgotten(
    settings: Settings, source: Path, said: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(settings, source)
    change(source, "ACTIVE_USER")

    killed = [plan_snapshot(settings, source=source) for _ in range(2)]
    found = [detect_source_changes(settings, run) for run in killed]
    assert found[0] == found[1] == detect_source_changes(settings, killed[0])
    assert found[0].changed == ["ACTIVE_USER"]
    assert said == [ALL]

    def unplugged(*_: object) -> bool:
        raise KpiError("the server did not take it")

    with monkeypatch.context() as patched:
        patched.setattr(emitting, "emit", unplugged)
        with pytest.raises(KpiError, match="did not take it"):
            watch(settings, source)

    run = plan_snapshot(settings, source=source)
    detect_source_changes(settings, run)
    told = emit_source_update(settings, run)
    assert (told.due, said) == (True, [ALL, ["ACTIVE_USER"]])
    # The same run once more: both steps, nothing twice.
    assert detect_source_changes(settings, run).changed == []
    assert not emit_source_update(settings, run).due
    assert not watch(settings, source).due
    assert len(said) == 2


def test_where_nobody_listens_the_change_stays_due(
    settings: Settings, source: Path, monkeypatch: pytest.MonkeyPatch, db: Connection
) -> None:
    monkeypatch.setattr(emitting, "emit", lambda *_: False)
    for _ in range(2):
        update = watch(settings, source)
        assert (update.due, update.handed_over) == (True, False)
    run = plan_snapshot(settings, source=source)
    detect_source_changes(settings, run)
    remember_sources(settings, run)
    assert not watch(settings, source).due
    rows = db.execute("SELECT event_at FROM dqm.bt_churn_sources ORDER BY checked_at").fetchall()
    assert [row["event_at"] is not None for row in rows] == [False, False, True, False]


def test_a_caller_who_asks_again_hears_it_again(
    settings: Settings, source: Path, db: Connection
) -> None:
    listening = settings.model_copy(update={"event_listener": "caller"})
    run = plan_snapshot(listening, source=source)
    detect_source_changes(listening, run)
    for _ in range(2):
        update = emit_source_update(listening, run)
        assert (update.due, update.handed_over) == (True, True)
    # Other runs, whoever listens to them, find nothing new.
    assert not watch(listening, source).due
    assert not watch(settings, source).due


def test_steps_say_what_they_need(settings: Settings, source: Path) -> None:
    run = plan_snapshot(settings, source=source)
    with pytest.raises(BadInput, match="looked at no file"):
        emit_source_update(settings, run)
    (source / "ACTIVE_USER.csv").unlink()
    with pytest.raises(BadInput, match=r"ACTIVE_USER\.csv cannot be read"):
        detect_source_changes(settings, run)


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
def test_an_event_that_no_server_takes_is_an_error(settings: Settings, source: Path) -> None:
    from prefect import settings as prefect_settings
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.local.machine import free_port

    run: ChurnRun = plan_snapshot(settings, source=source)
    assert not emit(settings, SOURCES_CHANGED, run, {})
    nobody = f"http://127.0.0.1:{free_port()}/api"
    a_server_is_set: dict[Any, object] = {PREFECT_API_URL: nobody}
    if hasattr(prefect_settings, "PREFECT_EXPERIMENTAL_EVENTS"):  # not in Prefect 3
        a_server_is_set[prefect_settings.PREFECT_EXPERIMENTAL_EVENTS] = True
    with (
        temporary_settings(a_server_is_set),
        pytest.raises(KpiError, match=f"server at {nobody} did not take .* run again"),
    ):
        emit(settings, SOURCES_CHANGED, run, {})


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_the_flow_trains_here_when_asked_to(
    settings: Settings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))

    def run_flow(*, retrain: bool) -> "State[Any]":
        from flows.churn.watchdog import churn_watchdog

        return churn_watchdog(source=str(source), retrain=retrain, return_state=True)

    failing = note_trainings(monkeypatch, fails=True)
    with pytest.raises(UnexpectedError, match=r"^ValueError in "):
        run_flow(retrain=True).result()
    asked = note_trainings(monkeypatch)
    assert run_flow(retrain=False).is_completed()
    assert run_flow(retrain=True).is_completed()
    assert run_flow(retrain=True).is_completed()
    as_of = plan_snapshot(settings, source=source).as_of
    # The training that failed did not make the files known; the one that ended did.
    assert failing == asked == [(as_of, str(source))]
