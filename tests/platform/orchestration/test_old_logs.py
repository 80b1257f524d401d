"""Prefect's old logs go from its database: on PostgreSQL, and in the file of a home."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from flows.errors import KpiError
from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.local.services.definitions import choose_ports, service_environment
from flows.platform.orchestration.environment import configure_prefect
from flows.platform.orchestration.old_logs import remove_old_logs
from flows.platform.orchestration.startup.database import laid_out_database
from flows.platform.storage.layout import prefect_home
from flows.settings import Settings, load_settings

# It shares Prefect's layout with others.
pytestmark = pytest.mark.xdist_group("prefect")

TODAY = datetime.now(UTC).date()
AGES = (0, 89, 91, 92, 93, 400)
KEPT_SINCE = datetime.combine(TODAY - timedelta(days=90), time.min, UTC)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A home's server, with Prefect's own tables in a database, as `kpi up` makes it."""
    server = PostgresServer(
        binaries=wheel_binaries(),
        folder=tmp_path_factory.mktemp("home") / "postgres",
        settings={"fsync": "off"},
    )
    server.start()
    lay_out(server, "prefect_db")
    with psycopg.connect(server.url("prefect_db")) as connection:
        # Prefect 3 makes its tables in a server that it starts.
        connection.execute(
            "CREATE TABLE IF NOT EXISTS log (id uuid DEFAULT gen_random_uuid() PRIMARY KEY,"
            " name text, level int, message text, timestamp timestamptz)"
        )
    yield server
    server.stop()


@pytest.fixture
def on_server(embedded: PostgresServer, tmp_path: Path) -> Settings:
    """Settings of a home whose Prefect has logs of several ages, removed two at a time."""
    prefect_database = embedded.url("prefect_db")
    with psycopg.connect(prefect_database) as connection:
        connection.execute("TRUNCATE log")
        for age in AGES:
            connection.execute(
                "INSERT INTO log (name, level, message, timestamp) VALUES ('flow', 20, %s, %s)",
                [str(age), _noon(age)],
            )
    url = SecretStr(prefect_database)
    return _small_batches(Settings(home=tmp_path / "kpi", prefect_database_url=url))


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same of a home without a server."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    settings = _small_batches(Settings(home=tmp_path / "kpi"))
    monkeypatch.setenv("PREFECT_HOME", str(prefect_home(settings)))
    configure_prefect(settings)
    with laid_out_database():
        pass
    prefect_home(settings).mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(prefect_home(settings) / "prefect.db")) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS log"
            " (id INTEGER PRIMARY KEY, name, level, message, timestamp)"
        )
        for age in AGES:
            connection.execute(
                "INSERT INTO log (name, level, message, timestamp) VALUES ('flow', 20, ?, ?)",
                [str(age), f"{_noon(age):%Y-%m-%d %H:%M:%S.%f}"],
            )
        connection.commit()
    return settings


def ages_on_server(settings: Settings) -> list[str]:
    assert settings.prefect_database_url
    with psycopg.connect(settings.prefect_database_url.get_secret_value()) as connection:
        rows = connection.execute("SELECT message FROM log ORDER BY timestamp DESC").fetchall()
    return [message for (message,) in rows]


def ages_in_file(settings: Settings) -> list[str]:
    with closing(sqlite3.connect(prefect_home(settings) / "prefect.db")) as connection:
        rows = connection.execute("SELECT message FROM log ORDER BY timestamp DESC").fetchall()
    return [message for (message,) in rows]


@pytest.mark.parametrize(
    ("home", "ages"), [("on_server", ages_on_server), ("in_file", ages_in_file)]
)
def test_lines_of_before_the_kept_period_go(
    home: str, ages: Callable[[Settings], list[str]], request: pytest.FixtureRequest
) -> None:
    settings: Settings = request.getfixturevalue(home)
    every = [str(age) for age in AGES]

    assert remove_old_logs(settings, KEPT_SINCE, dry_run=True) == 4
    assert ages(settings) == every
    assert remove_old_logs(settings, KEPT_SINCE, dry_run=False) == 4
    assert ages(settings) == ["0", "89"]
    assert remove_old_logs(settings, KEPT_SINCE, dry_run=False) == 0


def test_of_a_server_that_is_not_named_nothing_goes(
    in_file: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect:4200/api")
    assert remove_old_logs(in_file, KEPT_SINCE, dry_run=False) is None
    assert len(ages_in_file(in_file)) == len(AGES)


def test_a_database_that_is_none_of_prefect_is_told(settings: Settings) -> None:
    another = settings.model_copy(update={"prefect_database_url": settings.database_url})
    with pytest.raises(KpiError, match=r"Prefect's database keeps its old logs: .*not exist"):
        remove_old_logs(another, KEPT_SINCE, dry_run=False)


def test_kpi_up_names_its_own(embedded: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Settings(home=embedded.folder.parent)
    choose_ports(home, ())
    for name, value in service_environment(home).items():
        monkeypatch.setenv(name, value)
    named = load_settings().prefect_database_url
    assert named == SecretStr(embedded.url("prefect_db"))


def _noon(age: int) -> datetime:
    day: date = TODAY - timedelta(days=age)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _small_batches(settings: Settings) -> Settings:
    kept = settings.retention.model_copy(update={"batch_rows": 2})
    return settings.model_copy(update={"retention": kept})
