"""`python -m benchmarks.observed`: CPU seconds of a run that is seen and of one that is not.

Seen is: lineage, ids in lines and connections, and metrics as often as Prometheus asks.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from benchmarks.cost import Samples
from benchmarks.meter import Meter
from benchmarks.observed.switch import scrape, seen, unseen
from benchmarks.server import benchmark_server
from benchmarks.startup.helper import Order
from benchmarks.startup.measure import measure
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.connection import database_url
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

TARGET = 0.02
_ON, _OFF, _SCRAPE, _WHOLE = "seen", "unseen", "a scrape", "kpi run"
_SCRAPED_EVERY_SECONDS = 30  # as deployments/monitoring/prometheus.yml has it
_AS_OF = date(2025, 3, 10)


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
        f"The steps of {5 * options.rows:,} rows: {found[_OFF]:.3f} CPU s, with lineage and ids "
        f"{found[_ON]:.3f}, and {found['scraped']:.3f} for their time of the metrics: "
        f"{found['share of the steps']:+.1%}. A whole kpi run: {found[_WHOLE]:.1f} CPU s, of which "
        f"that is {share:+.1%} (at most {TARGET:.0%}). A scrape: {1000 * found[_SCRAPE]:.0f} CPU "
        f"ms, every {_SCRAPED_EVERY_SECONDS} s.\nWritten: {path}\n"
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
    scrape(settings)  # imports
    _run(settings)  # imports, partitions, the fake rows
    for number in range(2 * repetitions):
        # In turns, and each first as often as the other: the machine changes while we measure.
        on = number % 4 in (0, 3)
        with (
            meter.measure(_ON if on else _OFF),
            seen(folder / "seen.log") if on else unseen(folder / "unseen.log"),
        ):
            _run(settings)
    for _ in range(repetitions):
        with meter.measure(_SCRAPE):
            scrape(settings)
    _whole_run(settings)  # Prefect's first start
    with meter.measure(_WHOLE) as elsewhere:
        elsewhere.append(_whole_run(settings))
    meter.close()
    costs = {name: samples.cost(name).cpu_of_both for name in (_ON, _OFF, _SCRAPE, _WHOLE)}
    # Prometheus asks whether anything runs or not: a run meets what falls into its time.
    scraped = costs[_SCRAPE] * samples.cost(_ON).wall / _SCRAPED_EVERY_SECONDS
    extra = costs[_ON] + scraped - costs[_OFF]
    shares = {"share": extra / (costs[_WHOLE] - extra), "share of the steps": extra / costs[_OFF]}
    return {**costs, "scraped": scraped, **shares, "rows": 5 * rows}


def _whole_run(settings: Settings) -> float:
    """Do the same as people start it, seen, and return the CPU seconds of its processes."""
    given = {
        "KPI_DATABASE_URL": database_url(settings),
        "KPI_CRYPTO__MIN_ROWS_PER_DAY": str(settings.crypto.min_rows_per_day),
    }
    run = [sys.executable, "-m", "flows.cli", "run", "--as-of", _AS_OF.isoformat()]
    order = Order(
        command=["env", *(f"{name}={value}" for name, value in given.items()), *run],
        folder=str(REPOSITORY),
        log=str(settings.home.with_suffix(".log")),
        finish=[],
    )
    return measure(order, settings.home).cpu


def _run(settings: Settings) -> None:
    run_steps(PIPELINE, settings, plan_run(settings, _AS_OF), generate=True)


if __name__ == "__main__":
    main(sys.argv[1:])
