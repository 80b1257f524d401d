"""What ends a run outside its steps is told without rows, in the state and in all that is kept."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.run import Run
from flows.platform.storage.layout import run_log, run_results
from flows.platform.warehouse.connection import connect, database_url
from flows.settings import Settings, load_settings
from tests.flow_runs import Ended, run_flow
from tests.webhook import Webhook, webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

USER = 47_114_711
# Locks are of known pipelines.
PIPELINE = Pipeline("crypto_events", plan=f"{__name__}:plan", steps=())


def plan(settings: Settings, *, run_id: str | None = None, **given: Any) -> Run:
    """Plan a run of a day."""
    return Run(as_of=date(2025, 3, 10), run_id=run_id or "x")


def break_a_rule(_: object) -> None:
    """Let PostgreSQL quote a key."""
    with connect(load_settings(), "test") as db:
        db.execute(f"CREATE TEMP TABLE t AS SELECT {USER} AS user_id FROM generate_series(1, 2)")
        db.execute("CREATE UNIQUE INDEX ON t (user_id)")


def lose_the_connection(_: object) -> None:
    """Let PostgreSQL end the connection at a row, which it then quotes."""
    with connect(load_settings(), "test") as db:
        db.execute("CREATE TEMP TABLE t (user_id bigint)")
        db.execute(
            "CREATE FUNCTION pg_temp.end_here() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END$$"
        )
        db.execute(
            "CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.end_here()"
        )
        with db.cursor() as cursor, cursor.copy("COPY t FROM STDIN") as copy:
            copy.write_row([USER])


@pytest.fixture
def hook(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """The environment that a flow runs in: the fresh database, and a webhook."""
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


def ended_with(take_steps: Callable[..., None]) -> Ended:
    from flows.platform.orchestration.managed_flow import managed_flow

    return run_flow(managed_flow(PIPELINE)(take_steps))


@pytest.mark.parametrize(
    ("take_steps", "message", "quoted"),
    [
        (
            break_a_rule,
            "UniqueViolation (23505, pg_temp_",
            f"Key (user_id)=({USER}) is duplicated.",
        ),
        (
            lose_the_connection,
            "The warehouse cut the run short: terminating connection due to administrator command.",
            f'COPY t, line 1: "{USER}"',
        ),
    ],
)
def test_the_databases_own_words_are_in_the_runs_log_alone(
    take_steps: Callable[..., None],
    message: str,
    quoted: str,
    settings: Settings,
    hook: Webhook,
) -> None:
    ended = ended_with(take_steps)

    assert ended.failed
    assert message in ended.message
    (posted,) = hook.texts
    assert message in posted
    for told in (ended.everything, posted, *map(str, stored_results())):
        assert str(USER) not in told
    log = run_log(settings, "crypto-events", str(ended.flow_run.id))
    assert quoted in log.read_text(encoding="utf-8")


def stored_results() -> Iterator[bytes]:
    """Yield the files in which Prefect keeps runs and their results, its database included."""
    folders = {
        Path(os.environ["PREFECT_HOME"]),
        Path(os.environ["PREFECT_LOCAL_STORAGE_PATH"]),
        run_results(load_settings()),
    }
    found = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert found
    for file in found:
        yield file.read_bytes()
