"""The results as a JSON file, tables in the terminal, and a plot."""

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.crypto_events.bench import A_FIFTH, WITHOUT_HISTORY, Results
from benchmarks.crypto_events.figures import MEGABYTE, Figure, figures

NAME = "crypto_events"
_WHOLE_FROM = 100  # no decimals from here on


def as_json(results: Results, server_version: str) -> dict[str, Any]:
    """Return all measurements, and the machine they were made on."""
    samples = results.samples
    return {
        "size": asdict(results.size),
        "machine": {
            "system": platform.platform(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "postgresql": server_version,
        },
        "figures": [asdict(figure) for figure in figures(results)],
        "typical_costs": {name: asdict(samples.cost(name)) for name in samples.by_name},
        "samples": {
            name: [asdict(cost) for cost in costs] for name, costs in samples.by_name.items()
        },
        "processes": {
            "clean_run": asdict(results.clean),
            "run_with_bad_rows": asdict(results.dirty),
            "generator": asdict(results.generator),
        },
        "generated_rows": {"ours": results.generated_rows, "row_loop": results.row_loop_rows},
        "published": dict(results.published),
    }


def write_report(results: Results, server_version: str, folder: Path) -> list[Path]:
    """Write `crypto_events.json` and `crypto_events.png` into the folder."""
    from benchmarks.crypto_events.plot import draw

    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"{NAME}.json"
    text = json.dumps(as_json(results, server_version), indent=1, ensure_ascii=False)
    report.write_text(f"{text}\n", encoding="utf-8")
    return [report, draw(results, folder / f"{NAME}.png")]


def show(results: Results, console: Console) -> None:
    """Print the figures with their targets, and the cost of each step."""
    title = f"{results.size.rows:,} rows in the window, {results.size.history:,} older ones"
    table = Table(title=title)
    table.add_column("figure (ours : reference)", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for column in ("ours", "reference", "ratio", "target", "wall s"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("met", no_wrap=True)
    for figure in figures(results):
        table.add_row(*_row(figure), style=None if figure.met else "red")
    console.print(table)
    console.print(_steps(results))


def _steps(results: Results) -> Table:
    table = Table(title="Each step, median")
    for column in ("who", "scenario", "step"):
        table.add_column(column, no_wrap=True)
    for column in ("server CPU s", "client CPU s", "wall s", "WAL MB"):
        table.add_column(column, justify="right")
    costs = {
        name: results.samples.cost(name)
        for name in results.samples.by_name
        if not name.startswith((WITHOUT_HISTORY, A_FIFTH))
    }
    dirty = f"ours/{results.size.bad_rows:,} bad rows"
    costs |= {f"{dirty}/{step}": cost for step, cost in results.dirty.costs.items()}
    costs |= {f"ours/generator/{step}": cost for step, cost in results.generator.costs.items()}
    group = ""
    for name, cost in costs.items():
        who, scenario, step = name.split("/")
        if f"{who}/{scenario}" != group:
            group = f"{who}/{scenario}"
            table.add_section()
        table.add_row(
            who,
            scenario,
            step,
            "" if cost.server is None else f"{cost.server:.2f}",
            f"{cost.client:.2f}",
            f"{cost.wall:.2f}",
            f"{cost.wal_bytes / MEGABYTE:.1f}",
        )
    return table


def _row(figure: Figure) -> list[str]:
    return [
        figure.name,
        figure.unit,
        _number(figure.ours),
        _number(figure.reference),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.target,
        "" if figure.wall is None else " : ".join(_number(value) for value in figure.wall),
        "yes" if figure.met else "no",
    ]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.2f}"
