"""`python -m benchmarks.scale`: growth of each step, and a check of it at one larger size.

The larger size is a hundred times the smallest: what the lines say of it is the simulation, and
what it really cost stands beside.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.scale.churn import grow_users
from benchmarks.scale.crypto_events import grow_days, grow_history, grow_rows
from benchmarks.scale.findings import Findings, Say
from benchmarks.scale.report import markdown, write_report
from benchmarks.server import benchmark_server
from flows.paths import REPOSITORY

PARTS = ("rows", "history", "days", "users")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a temporary folder, print a table, and write it as Markdown and JSON.

    Both files are written after each size. Which part and size are at work goes to stderr.
    """
    options = _parse(arguments)
    say = partial(Console(stderr=True).print, highlight=False)
    found = Findings(partial(write_report, folder=options.output), say)
    with TemporaryDirectory(prefix="kpi-scale-") as name:
        _measure(found, Path(name), options, say)
    sys.stdout.write(markdown(found))


def _measure(found: Findings, folder: Path, options: argparse.Namespace, say: Say) -> None:
    beside = min(options.rows)
    with benchmark_server(folder) as server:
        if "rows" in options.parts:
            grow_rows(found, server, folder, options.rows, options.check_rows, say)
        if "history" in options.parts:
            grow_history(found, server, folder, beside, options.history, say)
        if "days" in options.parts:
            grow_days(found, server, folder, max(beside // 5, 1), options.days, say)
        if "users" in options.parts:
            memory = options.duckdb_memory_mb
            grow_users(found, server, folder, options.users, options.check_users, memory, say)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 500_000, 2_000_000])
    parser.add_argument("--check-rows", type=int, default=10_000_000)
    parser.add_argument("--history", type=int, nargs="+", default=[0, 1_000_000, 4_000_000])
    parser.add_argument("--days", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--users", type=int, nargs="+", default=[50_000, 200_000, 500_000])
    parser.add_argument("--check-users", type=int, default=5_000_000)
    parser.add_argument(
        "--duckdb-memory-mb",
        type=int,
        nargs="+",
        default=[1024, 2048, 4096, 8192],
        help="what the parts by users get, each once the one before was too small",
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
