"""Where files for people are kept: under the settings' home, and in S3 when they say so."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.platform.artifacts import artifacts_folder
from flows.platform.errors import KpiError
from flows.platform.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TIMEOUT_SECONDS = 10
_TRIES = 3


def keep(settings: Settings, path: Path) -> str:
    """Keep a file or a folder, and return its address: `file://…`, or `s3://<bucket>/<key>`.

    It lies below `artifacts/<bucket>/`, which names its bucket and its key. Done again, it
    replaces what was kept. Raises KpiError when S3 does not take it.
    """
    if settings.storage == "folder":
        return path.as_uri()
    bucket, *parts = path.relative_to(artifacts_folder(settings)).parts
    key = "/".join(parts)
    with _told_in_a_sentence(settings, bucket):
        client = s3_client(settings)
        for file, name in _files(path, key):
            # Browsers show a page only when it says that it is one.
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            client.upload_file(str(file), bucket, name, ExtraArgs={"ContentType": kind})
    return f"s3://{bucket}/{key}"


def s3_client(settings: Settings) -> "S3Client":
    """Return a client of the object store that the settings name."""
    import boto3
    from botocore.config import Config

    secret = settings.s3.secret_access_key
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=settings.s3.endpoint_url,
        region_name=settings.s3.region,
        aws_access_key_id=settings.s3.access_key_id,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=Config(
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
        ),
    )
    return client


def _files(path: Path, key: str) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, key
        return
    for file in sorted(path.rglob("*")):
        if file.is_file():
            yield file, f"{key}/{file.relative_to(path).as_posix()}".lstrip("/")


@contextmanager
def _told_in_a_sentence(settings: Settings, bucket: str) -> Iterator[None]:
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, S3UploadFailedError) as error:
        store = settings.s3.endpoint_url or f"AWS in {settings.s3.region}"
        raise KpiError(
            f"Bucket {bucket} of {store} does not take files ({_kind(error)}). "
            "Create it, or correct KPI_S3__… or the keys."
        ) from error


def _kind(error: Exception) -> str:
    # Uploads wrap what S3 answered; its code says more than its class.
    answer = getattr(error, "response", None) or getattr(error.__context__, "response", None)
    return str(answer["Error"]["Code"]) if answer else type(error).__name__
