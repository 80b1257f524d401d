"""The one place that says which version is Production, and lets all that say so agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flows.churn.production import ledger
from flows.churn.production.in_mlflow import InMlflow, has_registry, read_mlflow
from flows.churn.production.settled import Settled
from flows.churn.production.verdict import Verdict, judge
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import connect, transaction
from flows.platform.warehouse.locks import wait_for_lock_for_long
from flows.settings import Settings

_LOCK = "churn_production"


@dataclass(frozen=True)
class Known:
    """A version that the ledger knows, and the SHA-256 by which it does.

    None: it was promoted before hashes were kept, and could not be read since.
    """

    version: str
    sha256: str | None


def known_production(settings: Settings) -> Known | None:
    """Return what is Production, None without one; mend and tell what disagrees.

    For whoever may write: `look` only reads.
    """
    found = look(settings)
    if found.difference is None and not found.unfinished:
        if found.production is None:
            return None
        if found.sha256 is not None:
            return Known(found.production, found.sha256)
    with settled(settings) as now:
        return Known(now.production, now.sha256) if now.production else None


def production_version(settings: Settings) -> str | None:
    """Return the version that is Production, as `known_production` does."""
    known = known_production(settings)
    return known.version if known else None


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
def settled(settings: Settings) -> Iterator[Settled]:
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
