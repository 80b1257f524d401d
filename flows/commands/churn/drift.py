"""`kpi drift` and `kpi watch`: what may make churn train again, by hand."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from flows.churn.folders import drift_report
from flows.churn.pipeline import DRIFT_MONITOR, WATCHDOG
from flows.commands.flow_runs import run_flow_in_process
from flows.commands.parameters import with_parameters
from flows.commands.rows import Format, FormatOption, people_console, print_rows
from flows.local.postgres.shared import running_warehouse
from flows.platform.storage.object_store import address_for_people
from flows.platform.warehouse.connection import fetch_one, transaction
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow

    from flows.churn.drift.result import DriftReport

_SHOWN = 8
_COLUMNS = {
    "column_name": "column",
    "method": "method",
    "score": "score",
    "threshold": "threshold",
}
_FOR_PROGRAMS = {**_COLUMNS, "drifted": "", "missing": "", "missing_before": ""}


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(drift)
    app.command()(watch)


@with_parameters(DRIFT_MONITOR)
def drift(*, format_: FormatOption = "table", **parameters: Any) -> None:
    """Run the Prefect flow churn-drift-monitor: the latest users against the weeks before."""
    with running_warehouse(load_settings()) as settings:
        watch_drift(people_console(format_), settings, format_, **parameters)


def watch_drift(
    console: Console, settings: Settings, format_: Format = "table", **parameters: Any
) -> bool:
    """Run the drift monitor's flow in this process, print what it found; tell whether it lasts."""
    from flows.churn.drift.log_drift_result import asks_for_training
    from flows.churn.drift.result import drift_result

    run_id = run_flow_in_process(settings, _drift_monitor, **parameters)
    report = drift_result(settings, run_id)
    if report is None:
        if format_ != "table":
            print_rows([], _FOR_PROGRAMS, format_)
        return False
    print_drift(console, settings, report, format_)
    _print_outcome(console, settings, run_id)
    return asks_for_training(settings, report)


@with_parameters(WATCHDOG)
def watch(**parameters: Any) -> None:
    """Run the Prefect flow churn-watchdog: changed source files start a training."""
    with running_warehouse(load_settings()) as settings:
        run_id = run_flow_in_process(settings, _watchdog, **parameters)
        Console().print(_what_changed(settings, run_id), soft_wrap=True)


def print_drift(
    console: Console, settings: Settings, report: "DriftReport", format_: Format = "table"
) -> None:
    """Print the verdict, the columns that drifted (programs: every one), where the report is."""
    console.print(str(report), style="yellow" if report.drifted else "green")
    if format_ != "table":
        print_rows(list(map(asdict, report.columns)), _FOR_PROGRAMS, format_)
    elif report.drifted:
        shown = list(map(asdict, report.drifted[:_SHOWN]))
        print_rows(shown, _COLUMNS, format_, console=console)
        if more := report.drifted[_SHOWN:]:
            console.print(f"and {len(more)} more, in the report")
    if report.left_out:
        console.print(f"Left out, nothing is known about them: {', '.join(report.left_out)}")
    if report.page:
        page = drift_report(settings, report.day, simulated=report.simulated)
        console.print(f"Report: {address_for_people(settings, page)}", soft_wrap=True)


def _print_outcome(console: Console, settings: Settings, run_id: str) -> None:
    """Print in one line how good earlier scores were, or seem to be; nothing where none wait."""
    from flows.churn.outcomes.measure_outcomes import measured

    outcomes = measured(settings, run_id)
    if outcomes and outcomes.latest:
        style = "yellow" if outcomes.worse or outcomes.latest.kind == "not measured" else "green"
        console.print(str(outcomes.latest), style=style, highlight=False)


def _what_changed(settings: Settings, run_id: str) -> str:
    with transaction(settings, "watch") as connection:
        check = fetch_one(connection, "churn/sources/last_check.sql", {"run_id": run_id})
    files = ", ".join(f"{name}.csv" for name in check["changed"])
    if not files:
        return f"No source file changed in {check['source']}."
    started = "A training was asked for" if check["event_at"] else "No training was started"
    return f"Changed in {check['source']}: {files}. {started}."


def _drift_monitor() -> "Flow[Any, Any]":
    from flows.churn.drift_monitor import churn_drift_monitor

    return churn_drift_monitor


def _watchdog() -> "Flow[Any, Any]":
    from flows.churn.watchdog import churn_watchdog

    return churn_watchdog
