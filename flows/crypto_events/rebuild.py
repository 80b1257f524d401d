"""A run that was refused and goes on: people repair raw rows, then ask for the step again."""

import logging

from flows.crypto_events.build_events_candidate import build_events_candidate
from flows.crypto_events.run import WindowRun
from flows.platform.settings import Settings
from flows.platform.warehouse import execute, transaction

logger = logging.getLogger(__name__)


def build_again_if_refused(settings: Settings, run: WindowRun, suite: str) -> bool:
    """Build the run's window again when the suite has refused the one that it built last.

    Returns whether it did: what other suites said of the former window is void then.
    """
    with transaction(settings, "build_again_if_refused") as connection:
        verdicts = execute(connection, "crypto_events/verdicts.sql", {"run_id": run.run_id})
        refused = any(
            verdict["suite"] == suite and not (verdict["success"] or verdict["tolerated"])
            for verdict in verdicts
        )
    if refused:
        logger.info("%s refused this run before: its window is built again.", suite)
        build_events_candidate(settings, run)
    return refused
