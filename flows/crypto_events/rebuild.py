"""A run that was refused and goes on: people repair raw rows, then ask for the step again."""

import logging

from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


def build_again_if_refused(settings: Settings, run: WindowRun, suite: str) -> bool:
    """Build the run's window again when the suite has refused the one that it built last.

    Returns whether it did: what other suites said of the former window is void then.
    """
    with transaction(settings, "build_again_if_refused") as connection:
        verdicts = execute(
            connection, "crypto_events/validation/verdicts.sql", {"run_id": run.run_id}
        )
        refused = any(
            verdict["suite"] == suite and not (verdict["success"] or verdict["tolerated"])
            for verdict in verdicts
        )
    if refused:
        logger.info("%s refused this run before: its window is built again.", suite)
        build_events_candidate(settings, run)
    return refused
