"""Tables for the terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.crypto_events.repair.plan import Plan
from flows.crypto_events.repair.rejects import RejectsByReason
from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import fetch_one, transaction
from flows.settings import Settings

_OPERATIONS = ("inserted", "updated", "reactivated", "deactivated")


def print_publication(console: Console, settings: Settings, run_id: str) -> None:
    """Print in one line what a finished run did to prod.bt_crypto_events."""
    with transaction(settings, "summary") as connection:
        row = fetch_one(connection, "crypto_events/publication/run_summary.sql", {"run_id": run_id})
    counts = {
        **{count: row[f"{count}_rows"] for count in (*_OPERATIONS, "unchanged", "protected")},
        "rejected": row["rejected_rows"],
        "exact duplicates": row["superseded_rows"],
        "dismissed": row["dismissed_rows"],
    }
    told = ", ".join(f"{rows:,} {name}" for name, rows in counts.items() if rows) or "no row"
    console.print(f"Published {row['window_start']} to {row['as_of']}: {told}.", style="green")


def print_plan(console: Console, run: WindowRun, plan: Plan) -> None:
    """Print what a run would do, in all and by day."""
    _print_counts(
        console,
        f"Plan for {run}: nothing was changed",
        {
            "candidates": plan.built.candidate_rows,
            "unchanged": plan.publication.unchanged,
            "protected": plan.publication.protected,
            "exact duplicates": plan.built.superseded_rows,
            "dismissed": plan.built.dismissed_rows,
            **plan.reasons,
        },
    )
    table = Table("day", *_OPERATIONS)
    for day in plan.days:
        table.add_row(str(day["day"]), *(f"{day[count]:,}" for count in _OPERATIONS))
    console.print(table if plan.days else "prod.BT_CRYPTO_EVENTS would stay as it is.")
    if plan.reasons and run.policy == "abort":
        console.print("Under policy abort, the bad rows would stop this run.")


def print_rejects(console: Console, rejects: list[RejectsByReason]) -> None:
    """Print open rejects by reason: the rule, and an example of a row that breaks it."""
    if not rejects:
        console.print("There is no open reject.")
        return
    table = Table(show_lines=True)
    table.add_column("reason", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("the rule, and a row that breaks it")
    for reject in rejects:
        example = f"{reject.example_raw_id}: {reject.example}"
        text = Text.assemble((f"{reject.rule}\n", "dim"), example)
        table.add_row(reject.reason, f"{reject.rows:,}", text)
    console.print(table)


def _print_counts(console: Console, title: str, counts: dict[str, int]) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    console.print(table)
