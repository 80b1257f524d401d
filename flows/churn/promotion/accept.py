"""Taking a version into the ledger by a person's word."""

import re

from flows.churn.pipeline import MODEL, PROMOTIONS
from flows.churn.production.document import Document, read_document
from flows.churn.production.truth import settled
from flows.errors import BadInput, KpiError
from flows.platform.pipeline.declaration import Step
from flows.platform.pipeline.lineage.by_command import told_command
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

_STEP = Step(
    f"{__name__}:accept",
    "Take a version into the ledger by a person's word",
    inputs=(MODEL,),
    outputs=(MODEL, PROMOTIONS),
    facts="flows.churn.lineage.facts:accepted",
)


def accept(settings: Settings, version: str, *, why: str, by: str | None = None) -> Document:
    """Make a version Production as it is in MLflow now, and let the ledger know it by its hash.

    No guardrail is asked. Raises BadInput for what is no number of a version, KpiError when the
    version is gone, its document holds no model, or it is Production and known by this hash
    already.
    """
    if not re.fullmatch(r"[1-9][0-9]*", version):
        raise BadInput(f"{version!r} is no version: they are 1, 2 and so on (kpi model history).")
    return told_command(
        settings, "churn_model", _STEP, lambda: _accept(settings, version, why=why, by=by)
    )


def _accept(settings: Settings, version: str, *, why: str, by: str | None) -> Document:
    document = read_document(mlflow_client(settings), version)
    with settled(settings) as now:
        if now.production == version:
            if now.sha256 == document.sha256:
                raise KpiError(f"Version {version} is Production already, and its model is known.")
            # What a rollback leads to stays what it was.
            former = now.former
        else:
            former = now.production
        now.change("accepted", document, former, [why], decided_by=by)
    return document
