"""Airflow with a database of its own, and a second warehouse with the same rows."""

import os
from collections.abc import Callable, Iterator
from unittest.mock import patch

import psycopg
import pytest
from psycopg import sql

from flows.local.postgres.server import PostgresServer
from flows.settings import Settings
from tests.airflow.airflow_home import AirflowHome


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """Airflow, ready to run DAGs; one for all tests of a process."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow"))
    foreign = [name for name in os.environ if name.startswith(("AIRFLOW_", "AIRFLOW__"))]
    with patch.dict(os.environ):
        for name in foreign:
            del os.environ[name]
        home.run("airflow", "db", "migrate")
    return home


@pytest.fixture
def settings(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose calendar has few years, in the environment too."""
    monkeypatch.setenv("KPI_CRYPTO__FIRST_YEAR", "2020")
    monkeypatch.setenv("KPI_CRYPTO__LAST_YEAR", "2030")
    return make_settings(first_year=2020, last_year=2030)


@pytest.fixture
def copy_of(server: PostgresServer) -> Iterator[Callable[[str], str]]:
    """Copies a database that nobody is connected to; returns the URL of the copy."""
    copies = []

    def copy(url: str) -> str:
        original = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        copies.append(f"{original}_copy_{len(copies)}")
        run("CREATE DATABASE {} TEMPLATE {}", copies[-1], str(original))
        return server.url(copies[-1])

    def run(statement: str, *names: str) -> None:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    yield copy
    for name in copies:
        run("DROP DATABASE {} WITH (FORCE)", name)
