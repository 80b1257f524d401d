"""`python -m benchmarks.scale`: growth of each step, and a check of it at one larger size."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.scale.churn import grow_users
from benchmarks.scale.crypto_events import grow_rows
from benchmarks.scale.growth import Growth
from benchmarks.server import benchmark_server
from flows.paths import REPOSITORY


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a temporary folder, print a table, and write it as Markdown and JSON."""
    options = _parse(arguments)
    progress = Console(stderr=True)
    with TemporaryDirectory(prefix="kpi-scale-") as name:
        folder = Path(name)
        found = grow_users(folder, options.users, options.check_users, progress.print)
        with benchmark_server(folder) as server:
            found += grow_rows(server, folder, options.rows, options.check_rows, progress.print)
    table = markdown(found)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "scale.md").write_text(table, encoding="utf-8")
    figures = [
        {**asdict(each), "fixed": each.fixed, "per_million": each.per_million, "ratio": each.ratio}
        for each in found
    ]
    (options.output / "scale.json").write_text(f"{json.dumps(figures, indent=1)}\n")
    sys.stdout.write(table)


def markdown(found: Sequence[Growth]) -> str:
    """Return a table: what the line says, what the larger size really cost, and their ratio."""
    rows = [
        f"{datetime.now(UTC):%Y-%m-%d}; sizes are rows of the window, or users.",
        "",
        "| what | measured at | fixed | per million | checked at | predicted | real | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        sizes = ", ".join(f"{size:,}" for size in sorted(each.costs))
        rows.append(
            f"| {each.name}, {each.unit} | {sizes} | {each.fixed:,.1f} | {each.per_million:,.1f} "
            f"| {each.checked_at:,} | {each.predicted:,.1f} | {each.checked:,.1f} "
            f"| {each.ratio:.2f} |"
        )
    return "\n".join(rows) + "\n"


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument("--check-rows", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, nargs="+", default=[50_000, 500_000])
    parser.add_argument("--check-users", type=int, default=5_000_000)
    parser.add_argument("--output", type=Path, default=REPOSITORY / "benchmarks" / "results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
