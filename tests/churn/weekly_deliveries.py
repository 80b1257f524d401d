"""Weekly deliveries of the same made-up users, and the drift monitor's steps on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flows.churn.drift.log_drift_result import DriftLogged
from flows.churn.drift.result import DriftReport
from flows.churn.pipeline import DRIFT_MONITOR
from flows.churn.planning import plan_drift
from flows.churn.run import DriftRun
from flows.churn.sample_data.writer import write_sample_data
from flows.platform.pipeline.plain_run import run_steps
from flows.settings import Settings

Week = Callable[..., Path]
SUNDAY = date(2026, 6, 28)
USERS = 1000


@dataclass(frozen=True)
class Monitored:
    """A run of the drift monitor, and what its steps returned."""

    run: DriftRun
    report: DriftReport
    logged: DriftLogged


def sunday(number: int) -> date:
    """The Sunday so many weeks after the first."""
    return SUNDAY + timedelta(weeks=number)


def deliveries(folder: Path) -> Week:
    """Return what writes the delivery of a week, once: number of the week, how far it drifted."""

    def write(number: int, drift: float = 0.0) -> Path:
        path = folder / f"{sunday(number)}-{drift}"
        if not path.exists():
            write_sample_data(path, users=USERS, seed=7, as_of=sunday(number), drift=drift)
        return path

    return write


def monitor(settings: Settings, source: Path, **plan: Any) -> Monitored:
    """Run the steps as plain functions."""
    run = plan_drift(settings, source=source, **plan)
    results = run_steps(DRIFT_MONITOR, settings, run)
    return Monitored(run, results["run_drift_report"], results["log_drift_result"])


def without_cells(delivery: Path, folder: Path, file: str, *columns: str) -> Path:
    """Return a copy of the delivery in which columns of a file are empty."""
    folder.mkdir()
    for path in delivery.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    header, *rows = (delivery / f"{file}.csv").read_text(encoding="utf-8").splitlines()
    empty = {header.split(",").index(column) for column in columns}
    lines = [
        ",".join("" if at in empty else cell for at, cell in enumerate(row.split(",")))
        for row in rows
    ]
    (folder / f"{file}.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return folder


def with_longer_history(delivery: Path, folder: Path, first: date) -> Path:
    """Return a copy of the delivery whose PAYMENTS starts on `first`, up to 360 days back."""
    folder.mkdir()
    for path in delivery.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    header, *rows = (delivery / "PAYMENTS.csv").read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("FECHA")
    earlier = []
    for row in rows:
        cells = row.split(",")
        day = date.fromisoformat(cells[at]) - timedelta(days=180)
        if day >= first:
            cells[at] = str(day)
            earlier.append(",".join(cells))
    (folder / "PAYMENTS.csv").write_text("\n".join([header, *earlier, *rows, ""]), encoding="utf-8")
    return folder
