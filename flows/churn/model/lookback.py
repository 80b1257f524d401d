"""How many days of payments a registered model's features read."""

import logging

from flows.churn.model.logged.registry import logged_by
from flows.churn.production.document import Document
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

logger = logging.getLogger(__name__)


def lookback_of(settings: Settings, document: Document) -> int | None:
    """Return how many days of payments the features read that the model was trained with.

    For a document of before it was written there, MLflow may know it. None, with a warning, where
    no training logged it, or its MLflow run was deleted for good. Raises Unavailable where MLflow
    only does not answer.
    """
    if document.model.lookback_days is not None:
        return document.model.lookback_days
    unknown = f"MLflow does not say how version {document.version} was trained"
    logged = logged_by(mlflow_client(settings), document.version, unknown).params
    try:
        return int(logged["lookback_days"])
    except KeyError:
        logger.warning(
            "MLflow does not know how many days of payments version %s was trained with: features "
            "read as many as PAYMENTS.csv holds.",
            document.version,
        )
        return None
