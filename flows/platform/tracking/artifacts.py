"""Files in MLflow's store: a folder, a bucket, or its server in front of one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.errors import KpiError, Unavailable, causes, first_line
from flows.platform.tracking.away import mlflow_is_away

_SERVER_ERROR = 500


@contextmanager
def artifact_errors(what: str, remedy: str) -> Iterator[None]:
    """Turn what MLflow raises about files in its store into a KpiError that begins with `what`.

    Unavailable where the store, or the server in front of it, may only be away. MLflow itself, its
    calls to the server, and S3 have exceptions of their own.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, _of_stores()):
            raise
        if away := mlflow_is_away(error):
            raise Unavailable(f"{what}: {away}") from error
        reason = first_line(error).rstrip(".")
        if any(map(_may_pass, causes(error))):
            raise Unavailable(
                f"{what}: {reason}. Its store, or MLflow's server, may be away: try again. Where "
                f"it stays so: {remedy}"
            ) from error
        raise KpiError(f"{what}: {reason}. {remedy}") from error


def _of_stores() -> tuple[type[Exception], ...]:
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    # To import boto3 takes longer than to ask MLflow: where nobody needed it, it raised nothing.
    if "botocore" not in sys.modules:
        return MlflowException, RequestException
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return MlflowException, RequestException, Boto3Error, BotoCoreError, ClientError


def _may_pass(error: BaseException) -> bool:
    """Return whether nobody answered, or a server had trouble of its own."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NoConnectionToS3
    from mlflow.exceptions import RestException
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import HTTPError, Timeout

    match error:
        case NoConnection() | Timeout() | NoConnectionToS3() | HTTPClientError():
            return True
        case HTTPError(response=answer) if answer is not None:
            return bool(answer.status_code >= _SERVER_ERROR)
        case ClientError(response=told):
            status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return bool(status >= _SERVER_ERROR)
        case RestException():
            status = error.get_http_status_code()
            return bool(status >= _SERVER_ERROR)
    return False
