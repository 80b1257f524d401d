"""Create the buckets of a self-hosted object store."""

from typing import TYPE_CHECKING, Any

from flows.errors import KpiError
from flows.platform.storage.expiring_logs import LOGS_OF_AIRFLOW, let_airflows_logs_expire
from flows.platform.storage.object_store import bucket, s3_client, s3_errors
from flows.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OF_RUNS = ("ge-artifacts", "mlflow-artifacts")


def create_buckets(settings: Settings) -> list[str]:
    """Create missing buckets, let Airflow's logs expire where retention removes; return all names.

    Raises KpiError when the store does not answer or refuses, or when storage is not S3.
    """
    if settings.storage != "s3":
        raise KpiError("KPI_STORAGE is not s3, so there are no buckets to create.")
    client = s3_client(settings)
    names = [bucket(settings, LOGS_OF_AIRFLOW), *_names_of_runs(settings)]
    for name in _missing(settings, names):
        with s3_errors(settings, name):
            client.create_bucket(Bucket=name, **_place(settings.s3.region))
    let_airflows_logs_expire(settings)
    return names


def missing_buckets(settings: Settings) -> list[str]:
    """Return the names of those that runs write to and that are not there.

    Raises KpiError when the store does not answer or refuses.
    """
    return _missing(settings, _names_of_runs(settings))


def _missing(settings: Settings, names: list[str]) -> list[str]:
    client = s3_client(settings)
    missing = []
    for name in names:
        with s3_errors(settings, name):
            if not _is_there(client, name):
                missing.append(name)
    return missing


def _names_of_runs(settings: Settings) -> list[str]:
    return [bucket(settings, name) for name in (*_OF_RUNS, settings.s3.runs_bucket)]


def require_runs_bucket(settings: Settings) -> None:
    """Raise KpiError when results go to S3, and their bucket does not answer or was deleted."""
    if settings.storage != "s3":
        return
    from botocore.exceptions import ClientError

    name = bucket(settings, settings.s3.runs_bucket)
    with s3_errors(settings, name):
        try:
            s3_client(settings).head_bucket(Bucket=name)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "404":
                store = settings.s3.endpoint_url or "AWS"
                raise KpiError(
                    f"There is no bucket {name} in {store}: create it with `kpi prepare buckets`."
                ) from error
            # Keys may be for files alone.
            if code != "403":
                raise


def _is_there(client: "S3Client", name: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return False
        raise
    return True


def _place(region: str) -> dict[str, Any]:
    # AWS rejects its oldest region as a LocationConstraint; other stores use that name too.
    if region == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}
