"""The promotion ledger: who made which version Production, when and why."""

import getpass
from collections.abc import Sequence
from typing import Any, Literal

from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


def record(
    settings: Settings,
    action: Literal["promoted", "skipped", "rolled back"],
    version: str,
    former_version: str | None,
    reasons: Sequence[str],
    *,
    decided_by: str | None = None,
    run_id: str | None = None,
) -> None:
    """Write one line into dqm.bt_churn_promotions; a run writes its line once."""
    with transaction(settings, f"ledger {action}") as connection:
        execute(
            connection,
            "churn/promotion/record_promotion.sql",
            {
                "action": action,
                "version": version,
                "former_version": former_version,
                "run_id": run_id,
                "decided_by": decided_by or getpass.getuser(),
                "reasons": list(reasons),
            },
        )


def former_production(settings: Settings, version: str) -> str | None:
    """Return the version that was Production before `version` was last promoted."""
    with transaction(settings, "ledger") as connection:
        row = execute(
            connection, "churn/promotion/promotion_of_version.sql", {"version": version}
        ).fetchone()
    return row["former_version"] if row else None


def history(settings: Settings, limit: int) -> list[dict[str, Any]]:
    """Return the ledger's latest lines, newest first."""
    with transaction(settings, "ledger") as connection:
        return execute(connection, "churn/promotion/promotions.sql", {"limit": limit}).fetchall()
