"""How a run of a pipeline ends when its lock is lost, or a disk is full."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flows.churn.sample_data.writer import write_sample_data
from flows.commands.parameters import PIPELINES
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.local.postgres.server import PostgresServer
from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import connect, database_url
from flows.settings import Settings
from tests.churn.handmade_models import Registry

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@dataclass(frozen=True)
class Done:
    """What each step here returns."""

    step: str


def lose(settings: Settings, run: Run) -> Done:
    """A step during which the connection that holds the lock is cut."""
    with connect(settings, "an administrator", autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) AS ended FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE '% run=%'",
        ).fetchall()
    assert ended == [{"ended": True}]
    return Done("lose")


def publish(settings: Settings, run: Run) -> Done:
    """A step that must not begin without the lock."""
    return Done("publish")


def write(settings: Settings, run: Run) -> Done:
    """A step that finds no room for a file."""
    Path("/dev/full").write_text("x", encoding="utf-8")
    return Done("write")


@pytest.fixture
def given(
    settings: Settings,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Pipeline], dict[str, Any]]:
    """The parameters of a run on a small delivery, in the fresh database, with a Production."""
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    Registry(settings, tmp_path_factory, ["best"])
    write_sample_data(tmp_path / "delivery", users=50, seed=1)

    def of(pipeline: Pipeline) -> dict[str, Any]:
        reads_files = "source" in {parameter.name for parameter in pipeline.parameters}
        return {"source": str(tmp_path / "delivery")} if reads_files else {}

    return of


def run(pipeline: Pipeline, given: dict[str, Any], *steps: Callable[[Settings, Any], Done]) -> Any:
    """Run these steps as the pipeline's, and return the state of the flow run."""
    from flows.platform.orchestration.managed_flow import managed_flow

    declared = tuple(Step(f"{__name__}:{step.__name__}", "Does something") for step in steps)

    @managed_flow(replace(pipeline, steps=declared))
    def flow(step: Callable[..., Done], **_: object) -> Done:
        """Do something."""
        return [step(function) for function in steps][-1]

    return flow(**given, return_state=True)


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda pipeline: pipeline.name)
def test_a_run_that_published_is_completed(
    pipeline: Pipeline,
    given: Callable[[Pipeline], dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = run(pipeline, given(pipeline), publish, lose)

    assert state.is_completed(), state
    assert f"The connection that holds {pipeline.name} was cut: taken again." in caplog.messages


def test_so_is_one_after_which_the_server_restarted(
    server: PostgresServer,
    given: Callable[[Pipeline], dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def restart(settings: Settings, run: Run) -> Done:
        server.stop()
        server.start()
        return Done("restart")

    restart.__name__ = "publish"
    state = run(CRYPTO_EVENTS, given(CRYPTO_EVENTS), restart)

    assert state.is_completed(), state
    assert "The connection that holds crypto_events was cut: taken again." in caplog.messages


def test_so_is_one_after_which_the_server_stays_away(
    server: PostgresServer,
    given: Callable[[Pipeline], dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stop(settings: Settings, run: Run) -> Done:
        server.stop()
        return Done("stop")

    stop.__name__ = "publish"
    try:
        state = run(CRYPTO_EVENTS, given(CRYPTO_EVENTS), stop)
    finally:
        server.start()

    assert state.is_completed(), state
    assert any("was lost, after all was done" in message for message in caplog.messages)


def test_a_run_stops_before_it_publishes_where_another_took_its_place(
    settings: Settings, given: Callable[[Pipeline], dict[str, Any]]
) -> None:
    began: list[Any] = []

    def lose_to_another(settings: Settings, run: Run) -> Done:
        lose(settings, run)
        began.append(pipeline_lock(settings, "crypto_events", replace(run, run_id="another")))
        began[0].__enter__()
        return Done("lose")

    lose_to_another.__name__ = "lose"
    state = run(CRYPTO_EVENTS, given(CRYPTO_EVENTS), lose_to_another, publish)
    began[0].__exit__(None, None, None)

    assert state.is_failed()
    assert "Another run holds crypto_events" in state.message


def test_a_full_disk_is_told(given: Callable[[Pipeline], dict[str, Any]]) -> None:
    state = run(CRYPTO_EVENTS, given(CRYPTO_EVENTS), write)

    assert state.is_failed()
    assert state.message.startswith("A disk is full, and it is none of ")
