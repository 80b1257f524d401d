"""Open rejects: list them, dismiss them permanently, or correct a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.crypto_events.contract import RAW_COLUMNS, reasons_in_words
from flows.errors import BadInput, a_few
from flows.platform.forgetting.forgotten import forgotten_people
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings


@dataclass(frozen=True)
class RejectsByReason:
    """Open rejects with one reason; `rule` is what a good row satisfies."""

    reason: str
    rule: str
    rows: int
    last_seen: datetime
    example_raw_id: int
    example: str


def open_rejects_by_reason(connection: Connection, settings: Settings) -> list[RejectsByReason]:
    """Return the open rejects of dqm.bt_crypto_events_rejects, most frequent reason first."""
    rules = reasons_in_words(settings.crypto)
    rows = execute(connection, "crypto_events/repair/open_rejects_by_reason.sql").fetchall()
    return [RejectsByReason(rule=rules.get(row["reason"], ""), **row) for row in rows]


def open_rejects(connection: Connection, reason: str | None, limit: int) -> list[dict[str, Any]]:
    """Return up to `limit` open rejected rows as they arrived, newest first."""
    parameters = {"reason": reason, "limit": limit}
    return execute(connection, "crypto_events/repair/open_rejects.sql", parameters).fetchall()


def dismiss(
    settings: Settings, *, by: str, why: str, reason: str | None = None, raw_ids: list[int]
) -> int:
    """Dismiss open rejects permanently, by reason or raw_id, and return how many raw rows.

    The same line stays dismissed when it is delivered again. Raises BadInput when nothing matches.
    """
    with transaction(settings, "dismiss") as connection:
        execute(
            connection,
            "crypto_events/repair/dismiss_rows.sql",
            {"by": by, "why": why, "reason": reason, "raw_ids": raw_ids},
        )
        closed = execute(connection, "crypto_events/repair/resolve_dismissed.sql").fetchall()
        if not closed:
            asked = f"reason {reason}" if reason else f"raw_id {a_few(list(map(str, raw_ids)))}"
            raise BadInput(f"No open reject has {asked}. `kpi rejects` lists them.")
    return len({row["raw_id"] for row in closed})


def correct(
    settings: Settings, raw_id: int, values: dict[str, str], *, by: str, why: str
) -> tuple[int, str]:
    """Store a corrected copy of a rejected raw row and dismiss the row itself.

    Returns the copy's raw_id and purchase_date. Raises BadInput for an unknown column, when the
    row is not an open reject, or when the copy would equal a dismissed row.
    """
    unknown = sorted(set(values) - set(RAW_COLUMNS))
    if unknown or not values:
        raise BadInput(
            f"{a_few(unknown) or 'Nothing'} cannot be set. "
            f"Columns of a raw row: {', '.join(RAW_COLUMNS)}."
        )
    with transaction(settings, "correct") as connection:
        people = forgotten_people(settings, connection) if "user_id" in values else None
        if people and people.has(values["user_id"]):
            raise BadInput(
                "That user was forgotten, so no row of theirs is stored. Nothing was changed."
            )
        copy = execute(
            connection,
            "crypto_events/repair/correct_row.sql",
            {**dict.fromkeys(RAW_COLUMNS), **values, "raw_id": raw_id},
        ).fetchone()
        parameters = {"by": by, "why": why, "reason": None, "raw_ids": [raw_id]}
        execute(connection, "crypto_events/repair/dismiss_rows.sql", parameters)
        closed = execute(connection, "crypto_events/repair/resolve_dismissed.sql").fetchall()
        if copy is None or not closed:
            raise BadInput(f"Raw row {raw_id} is no open reject. `kpi rejects` lists them.")
        if execute(
            connection, "crypto_events/repair/dismissal_of_row.sql", {"raw_id": copy["raw_id"]}
        ).fetchone():
            raise BadInput(
                f"With these values, raw row {raw_id} would equal a row that was dismissed, "
                "and be set aside like it. Change what is wrong with it."
            )
    return copy["raw_id"], copy["purchase_date"]
