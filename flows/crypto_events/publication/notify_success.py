"""Report what was published, and finish work that is not on the critical path."""

from dataclasses import dataclass

from flows.crypto_events.key import Key
from flows.crypto_events.publication.late_rows import backfill_hint, count_late_rows
from flows.crypto_events.run import WindowRun
from flows.errors import KpiError
from flows.platform.pipeline.notifications import notify
from flows.platform.quality.great_expectations import build_data_docs
from flows.platform.warehouse.connection import fetch_one, transaction
from flows.settings import Settings


@dataclass(frozen=True)
class Notified:
    """The message, the late rows, and where people open the Data Docs."""

    message: str
    late_rows: int
    late_hint: str | None
    data_docs: str


def notify_success(settings: Settings, run: WindowRun) -> Notified:
    """Build the Data Docs, count late rows, log the summary and post it to the webhook."""
    late = count_late_rows(settings, run)
    hint = backfill_hint(late)
    with transaction(settings, "notify_success") as connection:
        row = fetch_one(
            connection, "crypto_events/publication/run_summary.sql", {"run_id": run.run_id}
        )
    if row["published_at"] is None:
        raise KpiError(f"Run {run.run_id} has published nothing.", needs_step="merge_to_prod")
    superseded = Key.of(settings.crypto).superseded
    message = (
        f"crypto-events {run}: {row['inserted_rows']:,} inserted, {row['updated_rows']:,} updated, "
        f"{row['reactivated_rows']:,} reactivated, {row['deactivated_rows']:,} deactivated, "
        f"{row['unchanged_rows']:,} unchanged; {row['rejected_rows']:,} rejected, "
        f"{row['superseded_rows']:,} {superseded}, {row['dismissed_rows']:,} dismissed."
    )
    if hint:
        message = f"{message} {hint}"
    docs = build_data_docs(settings, run.run_id)
    notify(settings, message)
    return Notified(message, sum(late.values()), hint, docs)
