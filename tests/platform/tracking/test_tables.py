"""MLflow's tables on a server, which MLflow is asked to upgrade only where they are not new."""

import psycopg
import pytest

from flows.platform.tracking.tables import newest_versions, upgrade_mlflow
from flows.settings import Settings


def test_the_newest_version_is_what_mlflow_takes_for_it() -> None:
    from mlflow.store.db.utils import _get_latest_schema_revision

    assert newest_versions() == {_get_latest_schema_revision()}


def of_version(url: str, version: str) -> Settings:
    """Settings for MLflow's database there, whose tables have this version."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("INSERT INTO alembic_version VALUES (%s)", [version])
    return Settings.model_validate({"prepare": {"mlflow_url": url}})


def test_without_tables_there_is_nothing_to_do(database_url: str) -> None:
    assert not upgrade_mlflow(Settings.model_validate({"prepare": {"mlflow_url": database_url}}))


def test_tables_of_the_newest_version_stay(database_url: str) -> None:
    [newest] = newest_versions()

    # There are no others, which MLflow would look for.
    assert upgrade_mlflow(of_version(database_url, newest))


def test_those_of_another_version_are_mlflow_s_to_upgrade(database_url: str) -> None:
    # The images have the driver of its command; this environment has not.
    with pytest.raises(ModuleNotFoundError, match="psycopg2"):
        upgrade_mlflow(of_version(database_url, "451aebb31d03"))
