"""An MLflow server that stopped answering, whatever we asked it for."""

import sys

from flows.errors import KpiError, Unavailable, causes


def mlflow_is_away(error: BaseException) -> Unavailable | None:
    """Return the sentence for an error that says no more than that MLflow's server did not answer.

    None for any other error, and for a sentence of ours that was made of one. MLflow's own text
    repeats what was asked, layer by layer.
    """
    # Whoever has not imported it has asked it nothing.
    if isinstance(error, KpiError) or "mlflow.exceptions" not in sys.modules:
        return None
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    for found in causes(error):
        # MLflow does not always say what it raises its own error from.
        reason = found.__cause__ or found.__context__
        if isinstance(found, MlflowException) and isinstance(reason, RequestException):
            return Unavailable(
                "MLflow does not answer any more. Look into its server's log, and run again once "
                "it answers."
            )
    return None
