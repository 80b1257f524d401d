"""One PostgreSQL server for each test process, and a fresh migrated database for each test."""

import gc
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import cache
from inspect import signature
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from flows.crypto_events.calendar import ensure_calendar
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.orchestration.environment import configure_prefect
from flows.platform.orchestration.startup.api import import_prefect
from flows.platform.orchestration.startup.database import DONE, laid_out_database
from flows.platform.warehouse.connection import Connection, connect, transaction
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from tests.environment.fresh_database import administered, create_database, fresh_database
from tests.environment.temporary_folder import prefer_memory
from tests.environment.watched_server import ended_with_this_process

_numbers = count(1)

PATIENCE = 120

FEW_YEARS = {"first_year": 2020, "last_year": 2030}

# Groups of tests that share what takes seconds to make, or that are in each other's way; the
# longest first, and all of them before the rest, so that no process works alone at the end.
LONG = (
    *("platform", "airflow", "servers", "demo", "growth", "cluster", "survives_kill"),
    *("killed_production", "benchmarks", "monitoring"),
)
GROUPS = (*LONG, "prefect", "spark", "databases")

# What a file with such tests says of them.
SAID = {
    "long": re.compile(rf'mark\.long\b|xdist_group\("({"|".join(LONG)})"\)'),
    "prefect": re.compile(r"\bprefect(_api)?\b"),
}
_text = cache(Path.read_text)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks that the Makefile's targets select by, and choose where tests write."""
    prefer_memory()
    config.addinivalue_line("markers", "long: takes minutes, so make test-long runs it")
    config.addinivalue_line("markers", "prefect: runs on Prefect, so on Prefect 3 as well")
    config.addinivalue_line("markers", "in_process: of Prefect 2's API in this process alone")
    config.addinivalue_line("markers", "postgres: uses a server, so one of PostgreSQL 15 as well")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file without a test that is asked for: to import all of them takes seconds."""
    said = SAID.get(config.option.markexpr)
    if said and collection_path.match("test_*.py") and not said.search(_text(collection_path)):
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while tests are looked for: they stay, and so does what they import."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        # Tests end soon, and with them all that they leave: to look for it often costs 2 %.
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever is long, has Prefect's API, or a server, so that none is forgotten.

    Groups come first, in their order; pyproject.toml keeps pytest-xdist from another.
    """
    items.sort(key=_place)
    for item in items:
        if "postgres_binaries" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
        if _group(item) in LONG:
            item.add_marker("long")
        uses = {_group(item), *getattr(item, "fixturenames", ())}
        if {"prefect_api", "prefect"} & uses and not item.get_closest_marker("in_process"):
            item.add_marker("prefect")
        for mark, said in SAID.items():
            if item.get_closest_marker(mark) and not said.search(_text(item.path)):
                raise pytest.UsageError(f"-m {mark} would not find {item.nodeid}: see SAID")


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell of a failure at once; pytest tells of all of them at the end."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\n{report.nodeid} failed:\n{report.longreprtext}\n")


def _group(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("xdist_group")
    return mark.args[0] if mark else None


def _place(item: pytest.Item) -> int:
    """Where a test stands among the others: its group's place, or after all of those."""
    group = _group(item)
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("KPI_", "OPENLINEAGE_"))]:
        if not name.startswith("KPI_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "kpi"))
    monkeypatch.chdir(tmp_path)  # away from the developer's .env


@pytest.fixture(autouse=True)
def _umask_stays() -> Iterator[None]:
    before = os.umask(0o022)
    os.umask(before)
    yield
    after = os.umask(before)
    assert after == before, f"the test leaves another umask: {after:#o}"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let processes of a test hear Ctrl-C: a shell's background jobs, and all of theirs, do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def short_lived_java() -> Iterator[None]:
    """Java processes of this module start fast, and optimize little: their jobs are tiny."""
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    with patch.dict(os.environ, {"JDK_JAVA_OPTIONS": quick}):
        yield


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prefect's API with a database of its own, and no server set, as on a laptop.

    Tests that use it import Prefect inside the test: it reads its settings when it is imported.
    """
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            del os.environ[name]
        configure_prefect(Settings(home=tmp_path_factory.mktemp("prefect")))
        import_prefect()
        from prefect.logging.configuration import setup_logging
        from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings

        # Now, or Prefect 3 does so in a test, and logs to what that test has redirected.
        setup_logging()
        # It may have been imported before, with the settings of somebody else.
        nobodys = temporary_settings(restore_defaults={PREFECT_API_URL, PREFECT_UI_URL})
        with _own_database(), nobodys:
            yield


def _own_database() -> AbstractContextManager[None]:
    from prefect import settings
    from prefect.testing.utilities import prefect_test_harness

    # Prefect 3 starts a server, and has one argument: how long that may take at most.
    if limits := dict.fromkeys(signature(prefect_test_harness).parameters, PATIENCE):
        return prefect_test_harness(**limits)
    with laid_out_database():
        database = f"sqlite+aiosqlite:///{os.environ['PREFECT_HOME']}/prefect.db"
        laid_out = {
            vars(settings)[name]: value == "true"
            for name, value in os.environ.items()
            if name in DONE
        }
    return settings.temporary_settings(
        {settings.PREFECT_API_DATABASE_CONNECTION_URL: database, **laid_out}
    )


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    """Those of the embedded server, or those in KPI_TEST_POSTGRES_BIN."""
    named = os.environ.get("KPI_TEST_POSTGRES_BIN")
    return Path(named) if named else wheel_binaries()


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, postgres_binaries: Path
) -> Iterator[PostgresServer]:
    """A running server."""
    folder = tmp_path_factory.mktemp("postgres")
    server = PostgresServer(
        binaries=postgres_binaries,
        folder=folder,
        # Its folder may be in memory, which is not for a log of a gigabyte.
        settings={"fsync": "off", "max_wal_size": "128MB"},
    )
    server.start()
    with ended_with_this_process(server):
        with administered(server):
            yield server
        server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(server: PostgresServer) -> str:
    """Name of a migrated database that fresh ones are copied from."""
    name = "kpi_template"
    create_database(server, name)
    migrate(Settings(database_url=SecretStr(server.url(name))))
    return name


@pytest.fixture(scope="session")
def with_calendar(server: PostgresServer, migrated: str) -> str:
    """Name of one whose calendar is filled, for tests whose runs would each fill it first.

    It has few years, so that it is small.
    """
    name = f"{migrated}_with_calendar"
    create_database(server, name, migrated)
    settings = Settings.model_validate({"database_url": server.url(name), "crypto": FEW_YEARS})
    with transaction(settings, "test") as connection:
        ensure_calendar(connection, settings)
    return name


@pytest.fixture(scope="session")
def template(migrated: str) -> str:
    """Name of the database that those of a test's folder are copied from."""
    return migrated


@pytest.fixture
def database_url(server: PostgresServer, template: str) -> Iterator[str]:
    """URL of a fresh migrated database."""
    with fresh_database(server, f"kpi_test_{next(_numbers)}", template) as url:
        yield url


@pytest.fixture
def make_settings(database_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for the fresh database; keyword arguments change the crypto settings."""

    def make(**crypto: object) -> Settings:
        return Settings.model_validate(
            {"home": tmp_path / "kpi", "database_url": database_url, "crypto": crypto}
        )

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """Settings for the fresh database, with every default."""
    return make_settings()


@pytest.fixture
def db(settings: Settings) -> Iterator[Connection]:
    """A connection to the fresh database that commits each statement."""
    with connect(settings, "test", autocommit=True) as connection:
        yield connection
