"""Files in MLflow's store: a folder, a bucket, or its server in front of one."""

from collections.abc import Iterator
from contextlib import contextmanager

from flows.errors import KpiError


@contextmanager
def artifact_errors(what: str, remedy: str) -> Iterator[None]:
    """Turn what MLflow raises about files in its store into a KpiError that begins with `what`.

    MLflow itself, its calls to the server, and S3 have exceptions of their own.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except (MlflowException, RequestException, Boto3Error, BotoCoreError, ClientError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise KpiError(f"{what}: {reason}. {remedy}") from error
