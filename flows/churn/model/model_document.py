"""A model to its document, and back."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from flows.churn.model.kinds.boosted_trees import BoostedTrees
from flows.churn.model.kinds.purchase_process import PurchaseProcess
from flows.churn.model.registered_model import LinearModel, Term
from flows.churn.production.document import Document
from flows.churn.production.kinds import BgNbd, GradientBoostedTrees, LogisticRegression, Model

ServedModel = LinearModel | BoostedTrees | PurchaseProcess
"""What scores users and explains the scores, with NumPy alone."""

_SCHEMAS: dict[type[ServedModel], tuple[str, type[Model]]] = {
    LinearModel: ("logistic regression", LogisticRegression),
    BoostedTrees: ("gradient-boosted trees", GradientBoostedTrees),
    PurchaseProcess: ("BG/NBD", BgNbd),
}


def write_document(path: Path, model: ServedModel, lookback_days: int | None = None) -> str:
    """Write the model as `read_document` reads it; return the SHA-256 of the file.

    Raises pydantic's ValidationError for a model that no document can hold.
    """
    kind, schema = _SCHEMAS[type(model)]
    checked = schema.model_validate(
        {"kind": kind, **asdict(model), "lookback_days": lookback_days}, strict=False
    )
    content = json.dumps(checked.model_dump(mode="json"), indent=2).encode()
    path.write_bytes(content)
    return sha256(content).hexdigest()


def model_of(document: Document) -> ServedModel:
    """Return the model that scores."""
    model = document.model
    if isinstance(model, GradientBoostedTrees):
        return BoostedTrees.read(model.model_dump())
    if isinstance(model, BgNbd):
        return PurchaseProcess.read(model.model_dump())
    return LinearModel(
        terms=tuple(Term(**term.model_dump()) for term in model.terms),
        intercept=model.intercept,
        threshold=model.threshold,
    )
