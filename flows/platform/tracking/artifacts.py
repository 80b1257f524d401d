"""Files in MLflow's store: a folder, a bucket, or its server in front of one."""

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
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except (MlflowException, RequestException, Boto3Error, BotoCoreError, ClientError) as error:
        if away := mlflow_is_away(error):
            raise Unavailable(f"{what}: {away}") from error
        reason = first_line(error).rstrip(".")
        if any(map(_may_pass, causes(error))):
            raise Unavailable(
                f"{what}: {reason}. Its store, or MLflow's server, may be away: try again. Where "
                f"it stays so: {remedy}"
            ) from error
        raise KpiError(f"{what}: {reason}. {remedy}") from error


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
