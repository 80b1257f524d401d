"""The promotion ledger: who made which version Production, when and why."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings

Action = Literal[
    "promoted",
    "skipped",
    "rolled back",
    "accepted",
    "promoted by hand",
    "archived by hand",
    "taken back",
]


@dataclass(frozen=True)
class Change:
    """The last change of Production: what was decided, and what is Production since.

    `unfinished`: MLflow was not seen to follow, because that is under way or was cut short.
    `model_sha256`: by which what is Production is known; None where none was recorded yet.
    """

    promotion_id: int
    action: Action
    version: str
    former_version: str | None
    production: str | None
    unfinished: bool
    model_sha256: str | None = None


def record(
    connection: Connection,
    action: Action,
    version: str,
    former_version: str | None,
    reasons: Sequence[str],
    *,
    decided_by: str | None = None,
    run_id: str | None = None,
    model_sha256: str | None = None,
) -> bool:
    """Write one line into dqm.bt_churn_promotions; return False where the run wrote its own before.

    All but a skipped version is unfinished until `finish` says that MLflow followed. A version that
    becomes Production is known by `model_sha256` from then on.
    """
    written = execute(
        connection,
        "churn/production/record_promotion.sql",
        {
            "action": action,
            "version": version,
            "former_version": former_version,
            "run_id": run_id,
            "decided_by": decided_by or getpass.getuser(),
            "reasons": list(reasons),
            "model_sha256": model_sha256,
        },
    )
    return written.rowcount == 1


def finish(connection: Connection) -> None:
    """Say that MLflow's stage and alias are as the last change wants them."""
    execute(connection, "churn/production/finish_changes.sql")


def last_change(connection: Connection) -> Change | None:
    """Return the last change of Production; None when there never was one."""
    row = execute(connection, "churn/production/last_change.sql").fetchone()
    return Change(**row) if row else None


def former_production(connection: Connection, version: str) -> str | None:
    """Return the version that was Production before `version` was last promoted."""
    row = execute(
        connection, "churn/production/promotion_of_version.sql", {"version": version}
    ).fetchone()
    return row["former_version"] if row else None


def hash_of(connection: Connection, version: str) -> str | None:
    """Return the SHA-256 by which a version is known since it was last made Production."""
    row = execute(
        connection, "churn/production/hash_of_version.sql", {"version": version}
    ).fetchone()
    return row["model_sha256"] if row else None


def record_first_hash(connection: Connection, version: str, model_sha256: str, why: str) -> None:
    """Let a version that was promoted before hashes were kept be known by this one."""
    execute(
        connection,
        "churn/production/record_first_hash.sql",
        {"version": version, "model_sha256": model_sha256, "why": why},
    )


def history(settings: Settings, limit: int) -> list[dict[str, Any]]:
    """Return the ledger's latest lines, newest first."""
    with transaction(settings, "ledger") as connection:
        return execute(connection, "churn/production/promotions.sql", {"limit": limit}).fetchall()
