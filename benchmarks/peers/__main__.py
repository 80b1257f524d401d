"""`python -m benchmarks.peers`: measure, compare the rows, print tables, write JSON."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from rich.console import Console

from benchmarks.cost import Samples
from benchmarks.crypto_events import data
from benchmarks.crypto_events.ours import benchmark_settings
from benchmarks.meter import Meter
from benchmarks.peers.days import DBT, KPI, SQLMESH, measure_days, peers
from benchmarks.peers.deliveries import DLT, measure_deliveries
from benchmarks.peers.report import show, write_report
from benchmarks.peers.results import Results
from benchmarks.peers.tools import Place
from benchmarks.server import benchmark_server
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.warehouse.migrations import migrate

_WIDTH = 140


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark in a temporary folder and report; slow results are not a failure."""
    options = _parse(arguments)
    progress = Console(stderr=True)
    console = Console()
    with TemporaryDirectory(prefix="kpi-peers-") as name:
        folder = Path(name)
        with benchmark_server(folder) as server:
            results = _measure(server, folder, options, progress)
    show(results, console if console.is_terminal else Console(width=_WIDTH))
    console.print(f"Written: {write_report(results, options.output)}")


def _measure(
    server: PostgresServer, folder: Path, options: argparse.Namespace, progress: Console
) -> Results:
    samples = Samples()
    size = data.Size(options.rows, 0, 0, options.repetitions)
    progress.print(f"{size.rows:,} rows in the window: filling")
    places = []
    for peer in peers(options.peers):
        place = _place(server, folder, peer.name.replace(" ", "_"), samples)
        data.fill(place.settings, size)
        places.append((peer, place))
    rows = measure_days(places, size, progress.print)

    delivered = max(size.rows * 3 // 10, 1)
    progress.print(f"{delivered:,} rows as a delivery")
    place = _place(server, folder, "deliveries", samples)
    data.fill(place.settings, data.Size(delivered, 0, 0, 1))
    delivered = measure_deliveries(
        place, with_dlt=DLT in options.peers, repetitions=size.repetitions
    )
    for _, used in [*places, (None, place)]:
        used.meter.close()
    with psycopg.connect(server.url("postgres")) as connection:
        postgres = connection.info.parameter_status("server_version") or "unknown"
    return Results(size, delivered, samples, rows, postgres, tuple(options.peers))


def _place(server: PostgresServer, folder: Path, name: str, samples: Samples) -> Place:
    """Return a migrated database and a folder of its own."""
    pid = server.pid
    if pid is None:
        raise KpiError("The benchmark's server does not run.")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    home = folder / name
    home.mkdir()
    settings = benchmark_settings(server.url(name), home)
    migrate(settings)
    return Place(settings, home, Meter(settings, pid, samples))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="raw rows in the window")
    parser.add_argument("--repetitions", type=int, default=3, help="the median counts")
    known = (KPI, DBT, SQLMESH, DLT)
    parser.add_argument("--peers", nargs="*", choices=known, default=known, help="beside our steps")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
