"""MLflow's database: a copy of what MLflow lays out, never over one that is there."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
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


@pytest.mark.long
def test_a_new_installation_lays_it_out_without_a_word(tmp_path: Path) -> None:
    # A process of its own: in this one, MLflow may have been kept quiet before.
    code = (
        "import sys; from pathlib import Path; from flows.platform.storage import prepared_files;"
        "from flows.platform.tracking.database import lay_out_mlflow;"
        "prepared_files.PREPARED = Path(sys.argv[1]); lay_out_mlflow(Path(sys.argv[2]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "installed", tmp_path / "mlflow.db"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout

    assert (tmp_path / "mlflow.db").exists()
    assert said == ""


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
