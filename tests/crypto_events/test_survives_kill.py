"""Killed at any step and run again, the tables are those of an undisturbed run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import plan_run
from flows.errors import StageLost
from flows.local.machine import wait_until
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection, connect
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from tests.crypto_rows import ARRIVED, AS_OF, add_rows, fingerprint, run_every_step
from tests.environment.fresh_database import fresh_database

pytestmark = pytest.mark.xdist_group("survives_kill")

STEPS = [step.name for step in PIPELINE.steps]
PATIENCE = 60
ATTEMPTS = 5  # a step may end before its statement is seen

# How the connections that do a step's work are called.
CONNECTIONS = {
    "ge_validate_raw": "kpi validate bt_crypto_events_raw_window",
    "ge_validate_candidate": "kpi validate bt_crypto_events_candidate",
    "notify_success": "kpi count_late_rows",
}

RUN_STEP = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from datetime import date
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.settings import load_settings
settings = load_settings()
run = plan_run(settings, date.fromisoformat(sys.argv[2]), run_id=sys.argv[3])
PIPELINE.step(sys.argv[1]).load()(settings, run)
"""

CRYPTO: dict[str, Any] = {
    "first_year": 2020,
    "last_year": 2030,
    "min_rows_per_day": 6_000,
    "policy": "quarantine",
    "max_reject_share": 0.5,
}


def make_dirty(db: Connection) -> None:
    """Rows to reject, to collapse, to keep the newest of, and late ones, beside the fake ones."""
    add_rows(db, *({"user_id": f"{n}x"} for n in range(20)))
    add_rows(db, *({"user_id": str(n), "purchase_units": "0"} for n in range(20)))
    add_rows(db, *({"user_id": str(n % 5 + 1)} for n in range(20)))
    add_rows(db, *({"user_id": "9", "purchase_units": str(n)} for n in range(1, 5)))
    db.execute(
        "INSERT INTO raw.bt_crypto_transaction_history (purchase_date, source_name,"
        " source_row_number, arrived_at) SELECT '1/2/2025', 'late', n, %s"
        " FROM generate_series(1, 60000) AS n",
        [ARRIVED],
    )


@pytest.fixture(scope="session")
def template(migrated: str) -> str:
    """One whose calendar nobody filled."""
    return migrated


@pytest.fixture(scope="module")
def undisturbed(
    server: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What an undisturbed run leaves, in a database of its own."""
    with fresh_database(server, "kpi_undisturbed", template) as url:
        settings = Settings(
            home=tmp_path_factory.mktemp("undisturbed"),
            database_url=SecretStr(url),
            crypto=CryptoSettings.model_validate(CRYPTO),
        )
        with connect(settings, "test", autocommit=True) as db:
            make_dirty(db)
            run_every_step(settings, plan_run(settings, AS_OF), generate=True)
            result = fingerprint(db)
    return result


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_step_is_run_again(
    make_settings: Callable[..., Settings],
    db: Connection,
    undisturbed: dict[str, Any],
    step: str,
) -> None:
    settings = make_settings(**CRYPTO)
    run = plan_run(settings, AS_OF)
    make_dirty(db)
    for name in STEPS[: STEPS.index(step)]:
        PIPELINE.step(name).load()(settings, run)

    kill_while_active(settings, db, step, [step, str(run.as_of), run.run_id])

    run_every_step(settings, plan_run(settings, AS_OF, run_id=run.run_id), generate=True)
    assert undisturbed["published_rows"] > 29_000
    assert fingerprint(db) == undisturbed


def kill_while_active(settings: Settings, db: Connection, step: str, arguments: list[str]) -> None:
    """Run the step in a process, kill that with -9 while PostgreSQL works for it."""
    name = CONNECTIONS.get(step, f"kpi {step}")
    for _ in range(ATTEMPTS):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN_STEP, *arguments], env=environment(settings)
        )
        while process.poll() is None and not is_active(db, name):
            time.sleep(0.001)
        killed = process.poll() is None
        process.kill()
        process.wait()
        assert wait_until(lambda: not is_connected(db), PATIENCE)
        if killed:
            return
        assert process.returncode == 0
    pytest.fail(f"{step} was never seen at work")


def environment(settings: Settings) -> dict[str, str]:
    variables = {
        "KPI_HOME": str(settings.home),
        "KPI_DATABASE_URL": settings.database_url.get_secret_value(),
        **{f"KPI_CRYPTO__{name.upper()}": str(value) for name, value in CRYPTO.items()},
    }
    return {**os.environ, **variables}


def is_active(db: Connection, name: str) -> bool:
    row = db.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND state = 'active' AND application_name LIKE %s || '%%'"
        " AND query NOT IN ('BEGIN', '')) AS yes",
        [name],
    ).fetchone()
    return row["yes"]


def is_connected(db: Connection) -> bool:
    row = db.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS yes"
    ).fetchone()
    return row["yes"]


def test_a_killed_server_loses_the_stage_and_nothing_else(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    server = PostgresServer(
        binaries=wheel_binaries(), folder=tmp_path / "postgres", settings={"fsync": "off"}
    )
    server.start()
    try:
        settings = Settings(
            home=tmp_path / "kpi",
            database_url=SecretStr(server.url("postgres")),
            crypto=CryptoSettings.model_validate(CRYPTO),
        )
        migrate(settings)
        with connect(settings, "test", autocommit=True) as db:
            make_dirty(db)
        run = plan_run(settings, AS_OF)
        for name in STEPS[: STEPS.index("merge_to_prod")]:
            PIPELINE.step(name).load()(settings, run)

        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.running, PATIENCE)
        server.start()

        settings = settings.model_copy(
            update={"database_url": SecretStr(server.url("postgres"))}  # maybe another port
        )
        with pytest.raises(StageLost, match="of which 0 are there: another run staged since, or"):
            merge_to_prod(settings, run)
        run_every_step(settings, run, generate=True)
        with connect(settings, "test", autocommit=True) as db:
            assert fingerprint(db) == undisturbed
    finally:
        server.stop()
