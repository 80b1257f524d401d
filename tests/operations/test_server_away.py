"""A run goes on when the Prefect server, or the database that it needs, is away for a while."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from flows.local.machine import wait_until
from tests.prefect_server import PATIENCE, PrefectServer

pytestmark = pytest.mark.xdist_group("servers")


@contextmanager
def stepper(
    prefect: PrefectServer, folder: Path, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    """A run that takes one task after the other until the file `end` is there."""
    with prefect.start("stepping_flow.py", FOLDER=str(folder), **environment) as process:
        try:
            yield process
        finally:
            process.kill()


def more_is_done(process: "subprocess.Popen[str]", folder: Path) -> bool:
    """Wait until another task of the run has ended."""
    done = folder / "done"
    before = done.read_text() if done.exists() else ""

    def more() -> bool:
        return done.exists() and done.read_text() not in ("", before)

    return wait_until(lambda: more() or process.poll() is not None, PATIENCE) and more()


def change(prefect: PrefectServer, statement: str) -> None:
    """Change the server's database."""
    with closing(sqlite3.connect(prefect.database, timeout=PATIENCE)) as connection:
        connection.execute(statement)


def test_a_run_waits_while_the_server_answers_500_and_while_it_is_down(
    prefect: PrefectServer, tmp_path: Path
) -> None:
    with stepper(prefect, tmp_path) as process:
        assert more_is_done(process, tmp_path)
        change(prefect, "ALTER TABLE task_run RENAME TO task_run_away")
        said = waiting(process)
        assert "it answers 500" in said
        change(prefect, "ALTER TABLE task_run_away RENAME TO task_run")
        assert more_is_done(process, tmp_path)

        prefect.restart(lambda: waiting(process))

        assert more_is_done(process, tmp_path)
        (tmp_path / "end").touch()
        rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, rest
    assert "Traceback" not in said + rest
    [run, *_] = prefect.post("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC"})
    assert run["state_type"] == "COMPLETED"


def waiting(process: "subprocess.Popen[str]") -> str:
    """Return what the run says until it says that it waits."""
    said = ""
    while "waiting for it" not in said:
        line = process.stdout.readline() if process.stdout else ""
        assert line, said
        said += line
    return said


def test_a_wrong_address_is_told_at_once(prefect: PrefectServer, tmp_path: Path) -> None:
    """Only a server that answered before is waited for."""
    with prefect.start(
        "stepping_flow.py", FOLDER=str(tmp_path), PREFECT_API_URL="http://127.0.0.1:9/api"
    ) as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "waiting for it" not in said


def test_a_server_that_stays_away_is_told_in_a_sentence(
    prefect: PrefectServer, tmp_path: Path
) -> None:
    with stepper(prefect, tmp_path, KPI_PATIENCE_SECONDS="3") as process:
        assert more_is_done(process, tmp_path)
        change(prefect, "ALTER TABLE task_run RENAME TO task_run_away")
        said, _ = process.communicate(timeout=PATIENCE)
        change(prefect, "ALTER TABLE task_run_away RENAME TO task_run")
    assert process.returncode == os.EX_TEMPFAIL
    assert "waiting for it, at most 3 s." in said
    told = f"The Prefect server at {prefect.url}/api does not answer as it should"
    assert f"{told} (PrefectHTTPStatusError). No step is half done" in said
    assert "Traceback" not in said
