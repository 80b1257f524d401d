"""What a publication changed, for people in Prefect, read back from the warehouse."""

from flows.crypto_events.run import WindowRun
from flows.platform.pipeline.report import Report
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

_COUNTS = ("inserted", "updated", "reactivated", "deactivated", "unchanged", "protected")
_KINDS = ("candidate", "rejected", "superseded", "dismissed")


def report_publication(settings: Settings, run: WindowRun) -> list[Report]:
    """Report where the window's raw rows went, and what changed in prod.bt_crypto_events."""
    with transaction(settings, "report") as connection:
        row = execute(
            connection, "crypto_events/publication/run_summary.sql", {"run_id": run.run_id}
        ).fetchone()
    if row is None or row["published_at"] is None:
        return []
    staged = "\n".join(f"| {kind} | {row[f'{kind}_rows']:,} |" for kind in _KINDS)
    published = "\n".join(f"| {count} | {row[f'{count}_rows']:,} |" for count in _COUNTS)
    text = (
        f"## {run}\n\n{row['raw_rows']:,} raw rows in the window\n\n"
        f"| raw rows | |\n|---|---:|\n{staged}\n\n"
        f"| prod.BT_CRYPTO_EVENTS | |\n|---|---:|\n{published}\n"
    )
    return [Report("markdown", "crypto-publication", f"Publication of {run}", text)]
