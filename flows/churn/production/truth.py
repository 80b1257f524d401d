"""The one place that says which version is Production, and lets all that say so agree."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.churn.production import ledger
from flows.churn.production.in_mlflow import (
    InMlflow,
    has_registry,
    read_mlflow,
    set_in_mlflow,
    version_is_gone,
)
from flows.churn.production.verdict import Difference, Verdict, judge
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import Connection, connect, transaction
from flows.platform.warehouse.locks import wait_for_lock_for_long
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

logger = logging.getLogger(__name__)

_LOCK = "churn_production"
_BY_HAND = "somebody, in MLflow"


def production_version(settings: Settings) -> str | None:
    """Return the version that is Production, None without one; mend and tell what disagrees.

    For whoever may write: `look` only reads.
    """
    found = look(settings)
    if found.difference is None and not found.unfinished:
        return found.production
    with settled(settings) as now:
        return now.production


def look(settings: Settings) -> Verdict:
    """Return which version is Production, and what disagrees about it; change nothing.

    Reads the ledger's last line and, where there is an MLflow, the model's versions.
    """
    client = mlflow_client(settings) if has_registry(settings) else None
    with connect(settings, "production", autocommit=True) as connection:
        while True:
            last = ledger.last_change(connection)
            found = read_mlflow(client) if client else InMlflow()
            # Another one is a change that was made while we looked.
            if ledger.last_change(connection) == last:
                return judge(last, found, settings.churn.changes_in_mlflow)


@contextmanager
def settled(settings: Settings) -> Iterator["Settled"]:
    """Mend and tell what disagrees, and keep everybody else from changing Production meanwhile.

    The lock ends with the process, however that ends. Raises psycopg's LockNotAvailable when
    another one holds it for longer than the settings' lock timeout.
    """
    client = mlflow_client(settings)
    # Each line of the ledger is there at once, so the lock has a transaction of its own.
    with (
        transaction(settings, "production lock") as lock,
        connect(settings, "production", autocommit=True) as connection,
    ):
        wait_for_lock_for_long(lock, _LOCK)  # idle while MLflow is asked
        found = judge(
            ledger.last_change(connection), read_mlflow(client), settings.churn.changes_in_mlflow
        )
        now = Settled(client, connection, found)
        now.mend()
        yield now


class Settled:
    """Production while nobody else can change it: stage, alias and ledger agree.

    `production` is its version, None without one. `completed` is the change that had been cut
    short and was completed now, if any.
    """

    def __init__(self, client: "MlflowClient", connection: Connection, found: Verdict) -> None:
        self._client = client
        self._connection = connection
        self._found = found
        self.production = found.production
        self.completed: ledger.Change | None = None

    @property
    def former(self) -> str | None:
        """What was Production before the current version was promoted; None without one."""
        if self.production is None:
            return None
        return ledger.former_production(self._connection, self.production)

    def mend(self) -> None:
        """Let MLflow follow the ledger, after what was done by hand has been written there."""
        difference = self._found.difference
        if difference and difference.kind != "cut short":
            self._record_by_hand(difference)
        elif self._found.unfinished:
            self.completed = self._found.last
        if difference:
            set_in_mlflow(self._client, self.production)
        if difference or self.completed:
            self._finish()
        if difference:
            logger.warning("%s Now all three say %s.", difference.fact, self.production or "none")

    def change(
        self,
        action: ledger.Action,
        version: str,
        former_version: str | None,
        reasons: Sequence[str],
        *,
        decided_by: str | None = None,
        run_id: str | None = None,
    ) -> bool:
        """Make the version Production; return False where the run had done so before.

        The ledger is written first: whatever is cut short, the next command completes it. Raises
        KpiError, before anything is changed, when the version is gone.
        """
        if version not in read_mlflow(self._client).versions:
            raise version_is_gone(version)
        written = ledger.record(
            self._connection,
            action,
            version,
            former_version,
            reasons,
            decided_by=decided_by,
            run_id=run_id,
        )
        if written:
            set_in_mlflow(self._client, version)
            self._finish()
            self.production = version
        return written

    def skip(
        self, version: str, reasons: Sequence[str], *, decided_by: str | None, run_id: str
    ) -> None:
        """Write that the version stays a candidate, and why."""
        ledger.record(
            self._connection,
            "skipped",
            version,
            self.production,
            reasons,
            decided_by=decided_by,
            run_id=run_id,
        )

    def _finish(self) -> None:
        ledger.finish(self._connection)

    def _record_by_hand(self, difference: Difference) -> None:
        ledger.record(
            self._connection,
            difference.action,
            difference.version,
            difference.ledger,
            [difference.fact],
            decided_by=_BY_HAND,
        )
