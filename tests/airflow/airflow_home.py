"""Airflow for tests: in its own environment, with a home of its own, run as a program."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.paths import REPOSITORY

PROGRAMS = REPOSITORY / ".venv-airflow" / "bin"
DAGS = REPOSITORY / "deployments" / "airflow" / "dags"
PATIENCE = 600


@dataclass(frozen=True)
class DagRun:
    """How a run of a DAG ended: its tasks' states, tries and results; its log; its events."""

    run_id: str
    states: dict[str, str]
    tries: dict[str, int]
    results: dict[str, Any]
    events: list[str]
    log: str

    @property
    def succeeded(self) -> bool:
        """Whether no task failed, and the last one ran."""
        return "failed" not in " ".join(self.states.values()) and "success" in self.states.values()


@dataclass(frozen=True)
class AirflowHome:
    """Airflow's folder, with a database for what it knows of runs."""

    folder: Path

    @property
    def programs(self) -> Path:
        """Where the programs of its environment are."""
        return PROGRAMS

    def run(self, *command: str) -> str:
        """Run a program of Airflow's environment that succeeds; return what it prints."""
        done = self._call(command)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def test_dag(self, dag_id: str, day: date, **conf: Any) -> DagRun:
        """Run a DAG as `airflow dags test` does, with the project's settings of this process."""
        done = self._call(("airflow", "dags", "test", dag_id, str(day), "--conf", json.dumps(conf)))
        with closing(sqlite3.connect(self.folder / "airflow.db")) as db:
            (run_id,) = db.execute(
                "SELECT run_id FROM dag_run WHERE dag_id = ? ORDER BY id DESC LIMIT 1", [dag_id]
            ).fetchone()
            of_run = [dag_id, run_id]
            tasks = db.execute(
                "SELECT task_id, state, try_number FROM task_instance"
                " WHERE dag_id = ? AND run_id = ?",
                of_run,
            ).fetchall()
            results = db.execute(
                "SELECT task_id, value FROM xcom"
                " WHERE dag_id = ? AND run_id = ? AND key = 'return_value'",
                of_run,
            ).fetchall()
            events = db.execute(
                "SELECT asset.name FROM asset_event JOIN asset ON asset.id = asset_id"
                " WHERE source_dag_id = ? AND source_run_id = ?",
                of_run,
            ).fetchall()
        return DagRun(
            run_id,
            {task: state for task, state, _ in tasks},
            {task: number for task, _, number in tasks},
            {task: json.loads(value) for task, value in results},
            [name for (name,) in events],
            done.stdout + done.stderr,
        )

    def _call(self, command: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
        program, *arguments = command
        return subprocess.run(
            [PROGRAMS / program, *arguments],
            env={**os.environ, **self._environment()},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def _environment(self) -> Mapping[str, str]:
        return {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "KPI_COMMAND": str(REPOSITORY / ".venv" / "bin" / "kpi"),
            "PYTHONPATH": str(REPOSITORY),
        }
