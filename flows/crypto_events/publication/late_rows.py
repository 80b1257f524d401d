"""Rows that arrived in the window for days before it: the run does not publish them."""

from datetime import date

from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


def count_late_rows(settings: Settings, run: WindowRun) -> dict[date, int]:
    """Count by day the still unpublished rows that arrived in the window for days before it."""
    arrived_from, arrived_before = run.arrival_bounds(settings)
    with transaction(settings, "count_late_rows") as connection:
        rows = execute(
            connection,
            "crypto_events/publication/late_rows.sql",
            {
                "arrived_from": arrived_from,
                "arrived_before": arrived_before,
                "window_start": run.window_start,
            },
        ).fetchall()
    return {row["day"]: row["rows"] for row in rows}


def backfill_hint(late: dict[date, int]) -> str | None:
    """Return a sentence naming the late rows and the command to publish them, or None."""
    if not late:
        return None
    first, last = min(late), max(late)
    rows = sum(late.values())
    return (
        f"{rows:,} {'row' if rows == 1 else 'rows'} arrived late, for days from {first} to {last}. "
        f"Publish them with: kpi backfill --from {first} --to {last}"
    )
