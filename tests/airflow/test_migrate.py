"""Airflow's database is migrated once for its packages and settings, and else looked at alone."""

import sys
import sysconfig
from pathlib import Path

import psycopg
import pytest

from deployments.airflow.migrate import migrate
from flows.settings import Settings

# Lays out what Airflow does, to the version of a file, unless that asks for a failure.
STAND_IN = f"""#!{sys.executable}
import os, sys
from pathlib import Path
import psycopg
told, version = Path(os.environ["TOLD"]), Path(os.environ["VERSION"]).read_text()
with told.open("a") as lines:
    lines.write(" ".join(sys.argv[1:]) + "\\n")
if version == "none":
    sys.exit(3)
with psycopg.connect(os.environ["DATABASE"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
    connection.execute("DELETE FROM alembic_version")
    connection.execute("INSERT INTO alembic_version VALUES (%s)", [version])
"""


class Airflow:
    """A database for Airflow, and a stand-in for its command."""

    def __init__(self, folder: Path, url: str) -> None:
        program = folder / "airflow"
        program.write_text(STAND_IN)
        program.chmod(0o755)
        self._told, self._version = folder / "told", folder / "version"
        self._told.touch()
        self.environment = {
            "PATH": str(folder),
            "DATABASE": url,
            "TOLD": str(self._told),
            "VERSION": str(self._version),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace(
                "postgresql:", "postgresql+psycopg2:"
            ),
        }

    def migrates(self, version: str, **environment: str) -> tuple[int, int]:
        """Start as a platform does; return the exit code, and how often Airflow was asked."""
        self._version.write_text(version)
        before = len(self._told.read_text().splitlines())
        code = migrate(self.environment | environment)
        asked = self._told.read_text().splitlines()[before:]
        assert set(asked) <= {"db migrate"}
        return code, len(asked)


@pytest.fixture
def airflow(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    assert settings.database_url is not None
    made = Airflow(tmp_path, settings.database_url.get_secret_value())
    # Where programs are looked for, whatever the environment that they get.
    monkeypatch.setenv("PATH", made.environment["PATH"])
    return made


def test_it_is_asked_once_for_the_packages_and_settings_that_it_has(
    airflow: Airflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert airflow.migrates("1") == (0, 1)
    assert airflow.migrates("1") == (0, 0)
    template = {"AIRFLOW__LOGGING__LOG_FILENAME_TEMPLATE": "{{ ti.dag_id }}.log"}
    assert airflow.migrates("1", **template) == (0, 1)
    assert airflow.migrates("1", **template) == (0, 0)

    packages = tmp_path / "packages"
    (packages / "apache_airflow_core-9.9.9.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(packages))
    assert airflow.migrates("2") == (0, 1)
    assert airflow.migrates("2") == (0, 0)


def test_what_somebody_migrated_meanwhile_is_migrated_again(airflow: Airflow) -> None:
    assert airflow.migrates("1") == (0, 1)
    with psycopg.connect(airflow.environment["DATABASE"]) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0'")

    assert airflow.migrates("1") == (0, 1)
    assert airflow.migrates("1") == (0, 0)


def test_a_migration_that_fails_is_tried_again(airflow: Airflow) -> None:
    assert airflow.migrates("none") == (3, 1)
    assert airflow.migrates("none") == (3, 1)
    assert airflow.migrates("1") == (0, 1)
