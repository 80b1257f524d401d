"""The results as tables in the terminal, as JSON, and as Markdown."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.cost import Cost
from benchmarks.peers.days import DBT, KPI, PROCESS, SQLMESH, STEPS
from benchmarks.peers.deliveries import COPY, DLT
from benchmarks.peers.results import Results
from benchmarks.peers.targets import targets
from benchmarks.peers.tools import version

NAME = "peers"
_YES = {True: "yes", False: "no"}
_PACKAGES: dict[str, tuple[tuple[str, str], ...]] = {
    KPI: (),
    DBT: (("dbt-core", DBT), ("dbt-postgres", DBT)),
    SQLMESH: (("sqlmesh", SQLMESH),),
    DLT: (("dlt", DLT),),
}

WHAT_NOBODY_ELSE_DOES = {
    "bad rows are set aside with every reason": {
        "kpi": "yes",
        "dbt": "no: a failed test keeps its rows and stops what is downstream",
        "sqlmesh": "no: a failed audit stops the interval",
    },
    "every raw row is accounted for": {"kpi": "yes", "dbt": "no", "sqlmesh": "no"},
    "a rejected row does not retire its live row": {
        "kpi": "yes",
        "dbt": "no: it stops the run; set aside, it would count as gone",
        "sqlmesh": "no: it stops the run; set aside, it would be deleted",
    },
    "a day without a delivery, or too many gone, stops the run": {
        "kpi": "yes",
        "dbt": "no: a test of one's own",
        "sqlmesh": "no: an audit of one's own",
    },
    "what was checked is published in one transaction": {
        "kpi": "yes",
        "dbt": "a transaction for each model, tests after it",
        "sqlmesh": "no: audits run after the interval was written",
    },
    "a row that vanished stays, inactive": {
        "kpi": "yes",
        "dbt": "yes: written in the model",
        "sqlmesh": "no: it is deleted",
    },
}


@dataclass(frozen=True)
class Line:
    """One peer's cost of a scenario, and how many times that of the scenario's base it is."""

    scenario: str
    who: str
    cost: Cost
    server_ratio: float
    ratio: float


def lines(results: Results) -> list[Line]:
    """Return a line for each scenario and peer; ratios are to `kpi run`, or to psql's COPY.

    Where `kpi run` was left out, they are to our steps.
    """
    costs: dict[str, dict[str, Cost]] = {}
    for name in list(results.samples.by_name):
        who, scenario, _step = name.split("/")
        costs.setdefault(scenario, {})[who] = results.samples.round(f"{who}/{scenario}")
    return [
        Line(
            scenario,
            who,
            cost,
            _ratio(cost.cpu, base.cpu),
            _ratio(cost.cpu_of_both, base.cpu_of_both),
        )
        for scenario, by_who in costs.items()
        for base in [next(by_who[name] for name in (COPY, PROCESS, STEPS) if name in by_who)]
        for who, cost in by_who.items()
    ]


def versions(results: Results) -> dict[str, str]:
    """Return the versions of everything that was measured."""
    packages = [package for peer in results.peers for package in _PACKAGES[peer]]
    return {
        "python": platform.python_version(),
        "postgresql": results.postgres,
        **{package: version(package, environment) for package, environment in packages},
    }


def write_report(results: Results, folder: Path) -> Path:
    """Write `peers.json` and `peers.md` into the folder; return the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_as_json(results), indent=1, ensure_ascii=False)
    (folder / f"{NAME}.json").write_text(f"{text}\n", encoding="utf-8")
    table = folder / f"{NAME}.md"
    table.write_text(markdown(results), encoding="utf-8")
    return table


def markdown(results: Results) -> str:
    """Return the ratios and what the others do not do, as Markdown."""
    told = ", ".join(f"{name} {number}" for name, number in versions(results).items())
    rows = [
        f"{datetime.now(UTC):%Y-%m-%d}, {results.size.rows:,} rows in the window, "
        f"{results.delivered:,} in the delivery; {told}. CPU seconds of server and client; "
        "x is to `kpi run`, or to psql's COPY.",
        "",
        "| scenario | who | server | both | x server | x both |",
        "|---|---|---|---|---|---|",
        *(
            f"| {line.scenario} | {line.who} | {line.cost.cpu:.2f} | {line.cost.cpu_of_both:.2f} "
            f"| {line.server_ratio:.2f} | {line.ratio:.2f} |"
            for line in lines(results)
        ),
        "",
        "| target | ours | reference | ratio | at most | met |",
        "|---|---|---|---|---|---|",
        *(
            f"| {target.name} | {target.ours:.2f} | {target.reference:.2f} | {target.ratio:.3f} "
            f"| {target.limit:.3f} | {_YES[target.met]} |"
            for target in targets(results)
        ),
        "",
        "| | kpi | dbt | SQLMesh |",
        "|---|---|---|---|",
        *(
            f"| {what} | {who['kpi']} | {who['dbt']} | {who['sqlmesh']} |"
            for what, who in WHAT_NOBODY_ELSE_DOES.items()
        ),
    ]
    return "\n".join(rows) + "\n"


def show(results: Results, console: Console) -> None:
    """Print the same as tables."""
    table = Table(title=f"{results.size.rows:,} rows in the window")
    for column in ("scenario", "who"):
        table.add_column(column, no_wrap=True)
    for column in ("server CPU s", "client CPU s", "wall s", "x server", "x both"):
        table.add_column(column, justify="right")
    scenario = ""
    for line in lines(results):
        if line.scenario != scenario:
            scenario = line.scenario
            table.add_section()
        cost = line.cost
        figures = (cost.cpu, cost.client, cost.wall, line.server_ratio, line.ratio)
        table.add_row(line.scenario, line.who, *(f"{figure:.2f}" for figure in figures))
    console.print(table)
    promised = Table("target", "ours", "reference", "ratio", "at most", "met", title="Targets")
    for target in targets(results):
        promise = (target.ours, target.reference, target.ratio, target.limit)
        promised.add_row(target.name, *(f"{figure:.3f}" for figure in promise), _YES[target.met])
    console.print(promised)
    others = Table("what", "kpi", "dbt", "SQLMesh", title="What the others do not do")
    for what, who in WHAT_NOBODY_ELSE_DOES.items():
        others.add_row(what, *who.values())
    console.print(others)


def _as_json(results: Results) -> dict[str, Any]:
    samples = results.samples.by_name
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "size": asdict(results.size),
        "delivered": results.delivered,
        "live_rows": results.live_rows,
        "versions": versions(results),
        "machine": {"system": platform.platform(), "cpus": os.cpu_count()},
        "lines": [asdict(line) for line in lines(results)],
        "targets": [
            {**asdict(target), "ratio": target.ratio, "met": target.met}
            for target in targets(results)
        ],
        "samples": {name: [asdict(cost) for cost in costs] for name, costs in samples.items()},
    }


def _ratio(seconds: float, base: float) -> float:
    return seconds / max(base, 0.01)
