"""What crypto events has to show: a publication, a plan, open rejects."""

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from flows.commands.rows import Format, people_console, print_rows
from flows.crypto_events.key import Key
from flows.crypto_events.repair.rejects import RejectsByReason
from flows.platform.warehouse.connection import fetch_one, transaction
from flows.settings import Settings

if TYPE_CHECKING:
    # Each would load what one of these tables alone shows, or shows on a terminal alone.
    from rich.console import Console

    from flows.crypto_events.repair.plan import Plan
    from flows.crypto_events.run import WindowRun

_OPERATIONS = ("inserted", "updated", "reactivated", "deactivated")
_OF_A_REASON = [field.name for field in fields(RejectsByReason)]


def print_publication(console: "Console", settings: Settings, run_id: str) -> None:
    """Print in one line what a finished run did to prod.bt_crypto_events."""
    with transaction(settings, "summary") as connection:
        row = fetch_one(connection, "crypto_events/publication/run_summary.sql", {"run_id": run_id})
    counts = {
        **{count: row[f"{count}_rows"] for count in (*_OPERATIONS, "unchanged", "protected")},
        "rejected": row["rejected_rows"],
        Key.of(settings.crypto).superseded: row["superseded_rows"],
        "dismissed": row["dismissed_rows"],
    }
    told = ", ".join(f"{rows:,} {name}" for name, rows in counts.items() if rows) or "no row"
    console.print(f"Published {row['window_start']} to {row['as_of']}: {told}.", style="green")


def print_plan(
    settings: Settings, run: "WindowRun", plan: "Plan", format_: Format = "table"
) -> None:
    """Print what a run would do, in all and by day; for programs a line for each count."""
    people = people_console(format_)
    counts = {
        "candidates": plan.built.candidate_rows,
        "unchanged": plan.publication.unchanged,
        "protected": plan.publication.protected,
        Key.of(settings.crypto).superseded: plan.built.superseded_rows,
        "dismissed": plan.built.dismissed_rows,
        **plan.reasons,
    }
    people.print(f"Plan for {run}: nothing was changed", style="italic")
    if format_ != "table":
        in_all = [{"day": None, "what": name, "rows": rows} for name, rows in counts.items()]
        by_day = [
            {"day": day["day"], "what": operation, "rows": day[operation]}
            for day in plan.days
            for operation in _OPERATIONS
        ]
        print_rows([*in_all, *by_day], dict.fromkeys(("day", "what", "rows"), ""), format_)
    else:
        in_all = [{"what": name, "rows": rows} for name, rows in counts.items()]
        print_rows(in_all, {"what": "in all", "rows": "rows"}, format_, counts={"rows"})
        print_rows(
            plan.days,
            {name: name for name in ("day", *_OPERATIONS)},
            format_,
            counts=_OPERATIONS,
            nothing="prod.BT_CRYPTO_EVENTS would stay as it is.",
        )
    if plan.reasons and run.policy == "abort":
        people.print("Under policy abort, the bad rows would stop this run.")
    for question in plan.questions:
        people.print(f"The delivery asks a question, which would stop this run: {question}.")


def print_rejects(
    rejects: list[RejectsByReason], format_: Format = "table", console: "Console | None" = None
) -> None:
    """Print open rejects by reason: the rule, and an example of a row that breaks it."""
    if format_ != "table":
        print_rows(list(map(asdict, rejects)), dict.fromkeys(_OF_A_REASON, ""), format_)
        return
    print_rows(
        [
            {
                "reason": reject.reason,
                "rows": reject.rows,
                "rule": [reject.rule, f"{reject.example_raw_id}: {reject.example}"],
            }
            for reject in rejects
        ],
        {"reason": "reason", "rows": "rows", "rule": "the rule, and a row that breaks it"},
        format_,
        counts={"rows"},
        nothing="There is no open reject.",
        console=console,
    )
