"""A pooler that withholds our settings from PostgreSQL is told before anything is done."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from flows.local.machine import free_port, wait_until
from tests.commands.test_refused_warehouse import READING, WRITING, Kpi, refuse

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin") or "pgbouncer"
PATIENCE = 30
SENTENCE = (
    "A connection pooler such as pgbouncer stands before the warehouse and withholds our settings "
    "and locks from it. Let KPI_DATABASE_URL name PostgreSQL's own port instead of the pooler's.\n"
)


@pytest.fixture(params=["transaction", "session"])
def pool_mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["", "options"], ids=["refuses_options", "ignores_options"])
def ignored(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pooler(
    pool_mode: str,
    ignored: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """A pgbouncer before the fresh database, as the warehouse."""
    server = conninfo_to_dict(database_url)
    port = free_port()
    config = tmp_path / "pgbouncer.ini"
    config.write_text(
        f"""
        [databases]
        * = host=127.0.0.1 port={server["port"]} user=kpi password={server["password"]}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = any
        pool_mode = {pool_mode}
        ignore_startup_parameters = extra_float_digits,{ignored}
        """.replace("        ", ""),
        encoding="utf-8",
    )
    # It refuses to run as root.
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    url = f"postgresql://kpi:kpi@127.0.0.1:{port}/{server['dbname']}"
    with subprocess.Popen(
        [PGBOUNCER, "-q", *as_user, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: _answers(url), PATIENCE)
            assert _answers(url)
            monkeypatch.setenv("KPI_DATABASE_URL", url)
            yield
        finally:
            process.terminate()


@pytest.mark.usefixtures("pooler")
def test_it_is_told_by_the_doctor_and_every_command(kpi: Kpi) -> None:
    refuse(kpi, SENTENCE, *READING, ("plan",), *WRITING)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
