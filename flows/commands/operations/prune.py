"""`kpi prune`: remove what is older than the settings keep."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.flow_runs import run_flow_in_process
from flows.commands.parameters import with_parameters
from flows.commands.rows import Format, FormatOption, people_console, print_rows
from flows.local.postgres.shared import running_warehouse
from flows.retention.ledger import of_run
from flows.retention.pipeline import PIPELINE
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow

DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would go; remove nothing.")]
_COUNTS = ("rows", "files", "bytes")
_COLUMNS = {name: name.replace("_", " ") for name in ("place", "kept_from", *_COUNTS)}


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(prune)


@with_parameters(PIPELINE, "as_of")
def prune(*, dry_run: DryRun = False, format_: FormatOption = "table", **parameters: Any) -> None:
    """Run the Prefect flow retention: remove what is older than KPI_RETENTION__… says."""
    with running_warehouse(load_settings()) as settings:
        mode = "dry-run" if dry_run else "prune"
        run_id = run_flow_in_process(settings, _flow, mode=mode, **parameters)
        print_pruned(settings, run_id, format_)


def print_pruned(settings: Settings, run_id: str, format_: Format) -> None:
    """Print what a run removed by place; people see the places that had something."""
    lines = of_run(settings, run_id)
    if format_ == "table":
        lines = [line for line in lines if any(line[name] for name in _COUNTS)]
    print_rows(
        lines,
        _COLUMNS,
        format_,
        counts=_COUNTS,
        nothing="Nothing is older than the settings keep.",
    )
    if any(line["mode"] == "dry-run" for line in lines):
        people_console(format_).print("A dry run: nothing was removed.", style="italic")


def _flow() -> "Flow[Any, Any]":
    from flows.retention.flow import retention

    return retention
