"""How the five files differ from those of the last event."""

import logging
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from flows.churn.run import ChurnRun
from flows.churn.sources.deliveries.delivery import content_hashes
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceChanges:
    """The files' SHA-256, and the names of those that changed (all, when there was no event)."""

    sha256: dict[str, str]
    changed: list[str]


def detect_source_changes(settings: Settings, run: ChurnRun) -> SourceChanges:
    """Record the files' hashes, and which files changed since the last event.

    Until an event is handed over, it finds the same changes again. Raises BadInput when a file
    cannot be read.
    """
    hashes = content_hashes(run.source)
    with transaction(settings, "detect_source_changes") as connection:
        last = execute(connection, "churn/sources/last_event.sql").fetchone()
        known = last["sha256"] if last else {}
        changed = [name for name, sha256 in hashes.items() if known.get(name) != sha256]
        execute(
            connection,
            "churn/sources/record_check.sql",
            {
                "run_id": run.run_id,
                "source": str(run.source),
                "sha256": Jsonb(hashes),
                "changed": changed,
            },
        )
    logger.info("Changed in %s: %s.", run.source, ", ".join(changed) or "nothing")
    return SourceChanges(hashes, changed)
