"""The results as a JSON file and tables in the terminal."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.churn import work
from benchmarks.churn.bench import Size

NAME = "churn"
_FLOOR_RATIO = 2.0
_RIVAL_RATIO = 1.1
_AUC_DIFFERENCE = 0.002
_RESOLUTION = 0.01  # of CPU seconds
_PACKAGES = ("duckdb", "pandas", "polars", "pyarrow", "pyspark", "scikit-learn")


@dataclass(frozen=True)
class Target:
    """A target, the measured value, and whether it meets the target."""

    name: str
    found: float
    wanted: str
    met: bool


def targets(sizes: Sequence[Size]) -> list[Target]:
    """Return every target, at the largest size that has its figures."""
    largest = sizes[-1]
    floor = _cost(largest, work.FLOOR)
    made = [
        _at_most(
            f"{largest.users:,} users, {name} : floor", _cost(largest, name) / floor, _FLOOR_RATIO
        )
        for name in (work.QUERY, work.STEP)
    ]
    for name, rivals in (
        (work.QUERY, (work.PANDAS, work.POLARS)),
        (work.QUERY_FROM_CSV, (work.PANDAS_FROM_CSV, work.POLARS_FROM_CSV)),
    ):
        best = min(rivals, key=lambda rival: _cost(largest, rival))
        ratio = _cost(largest, name) / _cost(largest, best)
        made.append(_at_most(f"{largest.users:,} users, {name} : {best}", ratio, _RIVAL_RATIO))
    spark, regression, _ = work.TRAINING
    for size in sizes:
        if spark in size.outcomes:
            aucs = [size.typical(name).answer["roc_auc"] for name in (spark, regression)]
            name = f"{size.users:,} users, ROC AUC of Spark's fit and scikit-learn's: difference"
            made.append(_at_most(name, abs(aucs[0] - aucs[1]), _AUC_DIFFERENCE))
    return made


def as_json(sizes: Sequence[Size]) -> dict[str, Any]:
    """Return all measurements, and the machine they were made on."""
    return {
        "machine": {
            "system": platform.platform(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "targets": [asdict(target) for target in targets(sizes)],
        "sizes": [
            {
                "users": size.users,
                "rows": size.rows,
                "typical": {name: asdict(size.typical(name)) for name in size.outcomes},
                "outcomes": {
                    name: [asdict(outcome) for outcome in done]
                    for name, done in size.outcomes.items()
                },
                "agreements": {who: asdict(found) for who, found in size.agreements.items()},
            }
            for size in sizes
        ],
    }


def write_report(sizes: Sequence[Size], folder: Path) -> Path:
    """Write `churn.json` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / f"{NAME}.json"
    report.write_text(json.dumps(as_json(sizes), indent=1) + "\n", encoding="utf-8")
    return report


def show(sizes: Sequence[Size], console: Console) -> None:
    """Print what each engine used, how the fits compare, and the targets."""
    for size in sizes:
        console.print(_work(size))
        if work.TRAINING[0] in size.outcomes:
            console.print(_training(size))
    table = _table("Targets", ("figure (CPU s : CPU s)",), ("found", "target"))
    table.add_column("met")
    for target in targets(sizes):
        met = "yes" if target.met else "no"
        style = None if target.met else "red"
        table.add_row(target.name, f"{target.found:.4g}", target.wanted, met, style=style)
    console.print(table)


def _work(size: Size) -> Table:
    title = f"{size.users:,} users, {size.rows['PAYMENTS']:,} payments, median"
    table = _table(title, ("work", "same as ours"), ("wall s", "peak MB", "CPU s", ": floor"))
    floor = _cost(size, work.FLOOR)
    for name in size.outcomes:
        if name in work.TRAINING:
            continue
        found = size.typical(name)
        who = "ours with Spark" if name == work.SPARK else name
        agreement = size.agreements.get(who)
        compared = f"{agreement.values:,} values" if agreement else ""
        table.add_row(
            name,
            compared,
            f"{found.wall:.2f}",
            f"{found.peak_memory_mb:,.0f}",
            f"{found.cpu:.2f}",
            f"{found.cpu / floor:.2f}",
        )
    return table


def _training(size: Size) -> Table:
    users = size.typical(work.TRAINING[0]).answer["holdout_users"]
    table = _table(
        f"{size.users:,} users, one fit; measured on {users:,.0f} held out",
        ("fit",),
        ("fit s", "start s", "CPU s", "peak MB", "ROC AUC", "log loss"),
    )
    for name in work.TRAINING:
        found = size.typical(name)
        answer = found.answer
        table.add_row(
            name,
            f"{answer['fit']:.2f}",
            f"{answer['start']:.2f}",
            f"{found.cpu:.2f}",
            f"{found.peak_memory_mb:,.0f}",
            f"{answer['roc_auc']:.4f}",
            f"{answer['log_loss']:.4f}",
        )
    return table


def _table(title: str, words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for word in words:
        table.add_column(word, no_wrap=True)
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    return table


def _cost(size: Size, name: str) -> float:
    return max(size.typical(name).cpu, _RESOLUTION)


def _at_most(name: str, found: float, limit: float) -> Target:
    return Target(name, found, f"≤ {limit:g}", found <= limit)
