"""`python -m benchmarks.crypto_events`: measure, print tables, write JSON and a plot."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from rich.console import Console

from benchmarks.crypto_events.bench import run_benchmark
from benchmarks.crypto_events.data import Size
from benchmarks.crypto_events.report import show, write_report
from benchmarks.server import benchmark_server
from flows.paths import REPOSITORY

_WIDTH = 140  # of tables without a terminal: in a file or a log


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark in a temporary folder and report; slow results are not a failure."""
    options = _parse(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    progress = Console(stderr=True)
    with TemporaryDirectory(prefix="kpi-benchmark-") as name:
        folder = Path(name)
        with benchmark_server(folder) as server:
            with psycopg.connect(server.url("postgres")) as connection:
                version = connection.info.parameter_status("server_version") or "unknown"
            size = Size(options.rows, options.history, options.bad_rows, options.repetitions)
            results = run_benchmark(server, folder, size, progress.print)
    show(results, console)
    for path in write_report(results, version, options.output):
        console.print(f"Written: {path}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crypto_events", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="raw rows in the window")
    parser.add_argument("--history", type=int, default=10_000_000, help="older raw rows")
    parser.add_argument("--bad-rows", type=int, default=200_000, help="rows that break a rule")
    parser.add_argument("--repetitions", type=int, default=3, help="the median counts")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
