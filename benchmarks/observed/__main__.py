"""`python -m benchmarks.observed`: CPU seconds of a run with lineage and without, of a scrape."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from benchmarks.cost import Samples
from benchmarks.meter import Meter
from benchmarks.server import benchmark_server
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

TARGET = 0.02
_ON, _OFF, _SCRAPE = "with lineage", "without", "a scrape"
_AS_OF = date(2025, 3, 10)
_SWITCH = "OPENLINEAGE_DISABLED"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a temporary folder, print the medians, and write them as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.observed", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of each of the five days")
    parser.add_argument("--repetitions", type=int, default=7, help="the median counts")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="kpi-benchmark-") as name:
        folder = Path(name)
        with benchmark_server(folder) as server:
            found = _measure(server, folder, options.rows, options.repetitions)
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "observed.json"
    path.write_text(json.dumps(found, indent=2), encoding="utf-8")
    share = found["share"]
    sys.stdout.write(
        f"A run of {5 * options.rows:,} rows: {found[_OFF]:.2f} CPU s, with lineage "
        f"{found[_ON]:.2f}: {share:+.1%} (at most {TARGET:.0%}). "
        f"A scrape: {1000 * found[_SCRAPE]:.0f} CPU ms.\nWritten: {path}\n"
    )


def _measure(server: PostgresServer, folder: Path, rows: int, repetitions: int) -> dict[str, Any]:
    settings = Settings.model_validate(
        {
            "home": folder / "kpi",
            "database_url": SecretStr(server.url("postgres")),
            "crypto": {"min_rows_per_day": rows},
        }
    )
    migrate(settings)
    pid = server.pid
    if pid is None:
        raise KpiError("The server of the benchmark ended.")
    samples = Samples()
    meter = Meter(settings, pid, samples)
    _run(settings)  # imports, partitions, the fake rows
    for number in range(2 * repetitions):
        # In turns, and each first as often as the other: the machine changes while we measure.
        on = number % 4 in (0, 3)
        os.environ[_SWITCH] = str(not on).lower()
        with meter.measure(_ON if on else _OFF):
            _run(settings)
    os.environ.pop(_SWITCH)
    for _ in range(repetitions):
        with meter.measure(_SCRAPE):
            _scrape(settings)
    meter.close()
    costs = {name: samples.cost(name).cpu_of_both for name in (_ON, _OFF, _SCRAPE)}
    return {**costs, "share": costs[_ON] / costs[_OFF] - 1, "rows": 5 * rows}


def _run(settings: Settings) -> None:
    run_steps(PIPELINE, settings, plan_run(settings, _AS_OF), generate=True)


def _scrape(settings: Settings) -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    from flows.observed.collector import Platform
    from flows.observed.serve import Looked

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Looked(Platform(settings).collect()))
    generate_latest(registry)


if __name__ == "__main__":
    main(sys.argv[1:])
