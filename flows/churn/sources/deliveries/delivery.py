"""A delivery as a whole: the days it states, its hashes, and its last day of payments."""

import hashlib
import json
from datetime import date
from pathlib import Path

from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES
from flows.churn.sources.producers.delivered_file import open_delivered
from flows.churn.sources.reading.csv_file import OpenSource
from flows.churn.sources.reading.problems import read_with
from flows.errors import BadInput, a_few
from flows.platform.compute.duckdb import duckdb_connection, fetch_row
from flows.settings import Settings

DELIVERY = "delivery.json"


def true_as_of(folder: Path) -> dict[str, date]:
    """Return the day that each file describes, for the files that `delivery.json` names.

    Raises BadInput when `delivery.json` cannot be understood.
    """
    path = folder / DELIVERY
    if not path.exists():
        return {}
    try:
        days = json.loads(path.read_text(encoding="utf-8")).get("true_as_of", {})
        stated = {name: date.fromisoformat(day) for name, day in days.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInput(
            f"{path} is not understood ({error}). Write it as "
            '{"true_as_of": {"ACTIVE_USER": "2026-05-31"}}.'
        ) from None
    known = {file.name for file in SOURCE_FILES if file.describes_users}
    if unknown := sorted(set(stated) - known):
        raise BadInput(
            f"{path}: true_as_of names {a_few(unknown)}; "
            f"it is for {', '.join(sorted(known))} alone."
        )
    return stated


def content_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each of the five files; raise BadInput when one cannot be read."""
    hashes = {}
    for file in SOURCE_FILES:
        hashes[file.name] = content_hash(folder / file.file_name)
    return hashes


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file as it arrived; raise BadInput when it cannot be read."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def latest_payment_day(settings: Settings, folder: Path) -> date:
    """Return the last day that PAYMENTS holds; raise BadInput when it holds none."""
    with (
        open_delivered(settings, PAYMENTS, folder) as source,
        duckdb_connection(settings) as connection,
    ):

        def last_day(source: OpenSource) -> date | None:
            day: date | None
            (day,) = fetch_row(
                connection,
                "churn/sources/last_day.sql",
                column="paid_on",
                source=f"({source.statement})",
            )
            return day

        day = read_with(connection, source, last_day)
    if day is None:
        paid_on = next(column for column in source.file.columns if column.becomes == "paid_on")
        form = paid_on.day_form.shown if paid_on.day_form else settings.churn.date_format
        raise BadInput(
            f"{source.path.name} holds no readable day in column {paid_on.name} ({form})."
        )
    return day
