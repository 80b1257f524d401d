"""`kpi psql` and `kpi db url`, on a real server each."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from flows.commands.operations.database import register
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.local.postgres.shared import embedded_server
from flows.paths import REPOSITORY
from flows.settings import load_settings

KPI = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
import typer
from flows.commands.operations.database import register
app = typer.Typer()
register(app)
app()
"""


@pytest.fixture
def embedded() -> Iterator[PostgresServer]:
    """The server that the commands start; removed afterwards."""
    settings = load_settings()
    server = embedded_server(settings)
    yield server
    server.stop()
    shutil.rmtree(settings.home, ignore_errors=True)


def kpi(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, arguments)


def kpi_process(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KPI, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_db_url_needs_a_running_server(embedded: PostgresServer) -> None:
    refused = kpi("db", "url")
    assert isinstance(refused.exception, KpiError)
    assert "kpi up" in str(refused.exception)
    assert refused.stdout == ""
    assert not embedded.running


def test_a_database_url_takes_the_place_of_the_embedded_server(
    embedded: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://me:secret@elsewhere:6543/db")
    assert kpi("db", "url").stdout == "postgresql://me:secret@elsewhere:6543/db\n"
    assert not embedded.running


def test_psql_starts_the_server_for_its_session(embedded: PostgresServer) -> None:
    session = kpi_process("psql", "-At", "-c", "SELECT current_database(), 'it''s piped'")
    assert (session.returncode, session.stderr) == (0, "")
    assert session.stdout == "crypto_db|it's piped\n"
    assert not embedded.running


def test_psql_loads_no_driver_once_the_database_is_there(embedded: PostgresServer) -> None:
    assert kpi_process("psql", "-c", "SELECT 1").returncode == 0
    heavy = "[name for name in ('psycopg', 'psutil', 'rich') if name in sys.modules]"
    program = KPI.replace("\napp()", f"\ntry:\n    app()\nfinally:\n    print({heavy})")

    session = subprocess.run(
        [sys.executable, "-c", program, "psql", "-At", "-c", "SELECT 1"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert session.stdout == "1\n[]\n"


def test_psql_passes_options_input_and_exit_code_on(
    server: PostgresServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url)
    script = "SELECT :'name', current_database();\nSELECT 1 / 0;\n"
    failed = kpi_process("psql", "-At", "-v", "ON_ERROR_STOP=1", "-v", "name=x", stdin=script)
    assert failed.stdout == f"x|{database_url.rpartition('/')[2]}\n"
    assert "division by zero" in failed.stderr
    assert failed.returncode == 3  # what psql ends with when a script fails
    elsewhere = kpi_process("psql", "-At", "-d", "postgres", "-c", "SELECT current_database()")
    assert elsewhere.stdout == "postgres\n"


def test_psql_keeps_the_password_out_of_the_arguments(
    server: PostgresServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url)
    shown = r"\! cat /proc/$PPID/cmdline 2>/dev/null || ps -ww -o args= -p $PPID"
    session = kpi_process("psql", "-c", shown)
    assert "bin/psql" in session.stdout
    assert str(psycopg.conninfo.conninfo_to_dict(database_url)["password"]) not in session.stdout


def test_psql_run_in_this_process_gives_its_exit_code(
    server: PostgresServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url)
    assert kpi("psql", "-c", "SELECT 1 / 0").exit_code == 1
    assert kpi("psql", "-c", "SELECT 1").exit_code == 0
    assert "psql's own options" in kpi("psql", "--help").output
    assert not (Path.cwd() / "kpi").exists()
