"""How many days of payments a registered model's features read."""

import logging

from flows.churn.production.document import Document
from flows.churn.production.in_mlflow import MODEL
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

logger = logging.getLogger(__name__)


def lookback_of(settings: Settings, document: Document) -> int | None:
    """Return how many days of payments the features read that the model was trained with.

    For a document of before it was written there, MLflow may know it. None, with a warning, where
    no training logged it, or its MLflow run was deleted for good.
    """
    from mlflow.exceptions import MlflowException

    if document.model.lookback_days is not None:
        return document.model.lookback_days
    client = mlflow_client(settings)
    try:
        run_id = client.get_model_version(MODEL, document.version).run_id
        logged = client.get_run(run_id).data.params if run_id else {}
        return int(logged["lookback_days"])
    except (MlflowException, KeyError):
        logger.warning(
            "MLflow does not know how many days of payments version %s was trained with: features "
            "read as many as PAYMENTS.csv holds.",
            document.version,
        )
        return None
