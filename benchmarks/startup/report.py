"""The results as a table in the terminal and a JSON file."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.startup.bench import AFTER, BEFORE, Result
from benchmarks.startup.builds import Build


def show(results: Sequence[Result], console: Console) -> None:
    """Print each figure's median for both builds, the ratio, and whether the target is met."""
    table = Table(title="CPU seconds, wall seconds, peak memory; median", title_justify="left")
    table.add_column("command", no_wrap=True)
    for figure in ("CPU s", "wall s", "peak MB"):
        for name in (BEFORE, AFTER):
            table.add_column(f"{figure}\n{name}", justify="right", no_wrap=True)
    for column in ("CPU s\nratio", "\ntarget", "peak MB\nratio", "\ntarget"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("\nmet")
    for result in results:
        before, after = result.typical(BEFORE), result.typical(AFTER)
        table.add_row(
            result.case.title,
            *(f"{figures.cpu:.2f}" for figures in (before, after)),
            *(f"{figures.wall:.2f}" for figures in (before, after)),
            *(f"{figures.peak_memory_mb:,.0f}" for figures in (before, after)),
            f"{result.ratio:.2f}",
            f"≤ {result.case.target:g}",
            f"{result.memory_ratio:.2f}",
            "" if result.case.memory_target is None else f"≤ {result.case.memory_target:g}",
            "yes" if result.met else "no",
            style=None if result.met else "red",
        )
    console.print(table)


def write_report(results: Sequence[Result], builds: dict[str, Build], file: Path) -> None:
    """Write all figures, their medians, and the machine."""
    report = {
        "machine": {
            "system": platform.platform(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        },
        "commits": {name: build.commit for name, build in builds.items()},
        "cases": [_as_json(result) for result in results],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _as_json(result: Result) -> dict[str, object]:
    return {
        "name": result.case.name,
        "command": " ".join(result.case.command),
        "target": result.case.target,
        "ratio": result.ratio,
        "memory_target": result.case.memory_target,
        "memory_ratio": result.memory_ratio,
        "met": result.met,
        "typical": {name: asdict(result.typical(name)) for name in (BEFORE, AFTER)},
        "figures": {
            name: [asdict(figures) for figures in done] for name, done in result.figures.items()
        },
    }
