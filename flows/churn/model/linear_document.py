"""A linear model to its document, and back."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from flows.churn.model.registered_model import LinearModel, Term
from flows.churn.production.document import Document, LogisticRegression


def write_document(path: Path, linear: LinearModel, lookback_days: int | None = None) -> str:
    """Write the model as `read_document` reads it; return the SHA-256 of the file.

    Raises pydantic's ValidationError for a model that no document can hold.
    """
    model = LogisticRegression.model_validate(
        {**asdict(linear), "lookback_days": lookback_days}, strict=False
    )
    content = json.dumps(model.model_dump(mode="json"), indent=2).encode()
    path.write_bytes(content)
    return sha256(content).hexdigest()


def linear_model(document: Document) -> LinearModel:
    """Return the model that scores."""
    model = document.model
    return LinearModel(
        terms=tuple(Term(**term.model_dump()) for term in model.terms),
        intercept=model.intercept,
        threshold=model.threshold,
    )
