"""Production while nobody else can change it: what disagrees is mended, and a change is whole."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.churn.production import ledger
from flows.churn.production.document import Document, read_document
from flows.churn.production.in_mlflow import read_mlflow, set_in_mlflow, version_is_gone
from flows.churn.production.verdict import Difference, Verdict
from flows.errors import KpiError, Unavailable
from flows.platform.warehouse.connection import Connection

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

logger = logging.getLogger(__name__)

_BY_HAND = "somebody, in MLflow"
_FIRST_HASH = "SHA-256 recorded by the first command that kept it"


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

    @property
    def sha256(self) -> str | None:
        """The hash by which Production is known; None where none could be recorded yet."""
        if self.production is None:
            return None
        return ledger.hash_of(self._connection, self.production)

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
        if self.production is not None and self.sha256 is None:
            self._record_first_hash(self.production)

    def change(
        self,
        action: ledger.Action,
        document: Document,
        former_version: str | None,
        reasons: Sequence[str],
        *,
        decided_by: str | None = None,
        run_id: str | None = None,
    ) -> bool:
        """Make the document's version Production; return False where the run had done so before.

        The ledger is written first: whatever is cut short, the next command completes it. Raises
        KpiError, before anything is changed, when the version is gone.
        """
        version = document.version
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
            model_sha256=document.sha256,
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

    def document(self, version: str) -> Document:
        """Return the model of a version that was Production; raise KpiError for a changed one."""
        return read_document(self._client, version).as_promoted(
            ledger.hash_of(self._connection, version)
        )

    def _finish(self) -> None:
        ledger.finish(self._connection)

    def _record_by_hand(self, difference: Difference) -> None:
        action, reasons, sha256 = difference.action, [difference.fact], None
        if action == "promoted by hand":
            try:
                sha256 = self.document(difference.version).sha256
            except Unavailable:
                raise
            except KpiError as no_model:
                # What cannot be known by its hash cannot be followed.
                action = "taken back"
                reasons.append(no_model.sentence)
                self.production = difference.ledger
                logger.warning("%s", no_model)
        ledger.record(
            self._connection,
            action,
            difference.version,
            difference.ledger,
            reasons,
            decided_by=_BY_HAND,
            model_sha256=sha256,
        )

    def _record_first_hash(self, version: str) -> None:
        try:
            document = read_document(self._client, version)
        except KpiError as unread:
            # Who loads it is told the same; who goes back to another version does not need it.
            logger.warning("%s", unread)
            return
        ledger.record_first_hash(self._connection, document.version, document.sha256, _FIRST_HASH)
        logger.warning(
            "Version %s was promoted before hashes were kept: the ledger knows it by SHA-256 %s "
            "from now on.",
            document.version,
            document.sha256,
        )
