"""MLflow's database: a copy of what MLflow lays out, never over one that is there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.platform.tracking import database
from flows.platform.tracking.database import lay_out_mlflow


def test_mlflow_takes_the_copy_for_its_own(tmp_path: Path) -> None:
    from mlflow import MlflowClient
    from mlflow.store.db.utils import _get_schema_version, create_sqlalchemy_engine

    database, own = tmp_path / "mlflow.db", tmp_path / "own.db"

    lay_out_mlflow(database)

    client = MlflowClient(f"sqlite:///{database}")
    client.create_experiment("ours", (tmp_path / "artifacts").as_uri())
    MlflowClient(f"sqlite:///{own}").search_experiments()
    assert {found.name for found in client.search_experiments()} == {"Default", "ours"}
    versions = {
        _get_schema_version(create_sqlalchemy_engine(f"sqlite:///{file}"))
        for file in (database, own)
    }
    assert len(versions) == 1


def test_a_database_that_is_there_stays(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE mine (done text)")

    lay_out_mlflow(database)

    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("mine",)]


def test_without_a_prepared_one_mlflow_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "prepared", lambda *_: None)

    lay_out_mlflow(tmp_path / "mlflow.db")

    assert list(tmp_path.iterdir()) == []
