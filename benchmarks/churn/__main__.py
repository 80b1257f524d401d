"""`python -m benchmarks.churn`: measure, print tables, write JSON."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.churn.bench import run_benchmark
from benchmarks.churn.report import show, write_report
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
        sizes = run_benchmark(
            Path(name), sorted(options.users), options.repetitions, progress.print
        )
    show(sizes, console)
    console.print(f"Written: {write_report(sizes, options.output)}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[10_000, 200_000])
    parser.add_argument("--repetitions", type=int, default=3, help="the median counts")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
