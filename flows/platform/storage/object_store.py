"""Store files for people: under the settings' home, and in S3 if so configured."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from flows.errors import KpiError, Unavailable
from flows.platform.storage.layout import artifacts_folder
from flows.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_S3 = "s3://"
_TIMEOUT_SECONDS = 10
_TRIES = 3
_SERVER_ERROR = 500
_MISSING = ("NoSuchKey", "404")  # S3 answers a HEAD request with the latter

_one_at_a_time = Lock()


class NotFound(KpiError):
    """Nothing is stored at that address."""


def bucket(settings: Settings, name: str) -> str:
    """Return the bucket's full name in the object store."""
    return f"{settings.s3.bucket_prefix}{name}"


def bucket_and_key(settings: Settings, path: Path) -> tuple[str, str]:
    """Return the bucket and key of a file or folder below `artifacts/<bucket>/`."""
    name, *parts = path.relative_to(artifacts_folder(settings)).parts
    return bucket(settings, name), "/".join(parts)


def put(settings: Settings, path: Path) -> str:
    """Store a file or folder, and return its address: `file://…`, or `s3://<bucket>/<key>`.

    It must lie below `artifacts/<bucket>/`, which gives its bucket and key. Storing it again
    overwrites it. Raises KpiError when S3 does not accept it.
    """
    if settings.storage == "s3":
        name, key = bucket_and_key(settings, path)
        with s3_errors(settings, name):
            client = s3_client(settings)
            for file, file_key in _files(path, key):
                kind = {"ContentType": content_type(file.name)}
                client.upload_file(str(file), name, file_key, ExtraArgs=kind)
    return object_address(settings, path)


def object_address(settings: Settings, path: Path) -> str:
    """Return the address at which `put` stores this file or folder."""
    if settings.storage == "folder":
        return path.as_uri()
    return _S3 + "/".join(bucket_and_key(settings, path))


def address_for_people(settings: Settings, path: Path) -> str:
    """Return where people open a stored page: in the app, if it has a URL, else in storage.

    The app shows only Data Docs and drift reports.
    """
    if settings.app_url is None:
        return object_address(settings, path)
    return f"{settings.app_url}{path_in_app(settings, path)}"


def path_in_app(settings: Settings, path: Path) -> str:
    """Return the path at which the app shows a stored page."""
    page = path.relative_to(artifacts_folder(settings)).as_posix()
    return f"/artifacts/{quote(page)}"


def read_object(settings: Settings, address: str) -> bytes:
    """Return the content at an address: `file://…`, `s3://…`, or a local path.

    Raises NotFound when there is none, KpiError when it cannot be read.
    """
    if address.startswith(_S3):
        name, key = _parts(address)
        with s3_errors(settings, name, address):
            content: bytes = s3_client(settings).get_object(Bucket=name, Key=key)["Body"].read()
            return content
    path = _local(address)
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NotFound(f"There is no {path}.") from error
    except OSError as error:
        raise KpiError(f"{path} cannot be read ({error.strerror}).") from error


def object_exists(settings: Settings, address: str) -> bool:
    """Return whether a file is stored at an address; raise KpiError when S3 does not answer."""
    if not address.startswith(_S3):
        return _local(address).is_file()
    name, key = _parts(address)
    try:
        with s3_errors(settings, name, address):
            s3_client(settings).head_object(Bucket=name, Key=key)
    except NotFound:
        return False
    return True


def content_type(name: str) -> str:
    """Return the Content-Type for a file name; browsers display only types they know."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def s3_client(settings: Settings) -> "S3Client":
    """Return a client for the object store in the settings."""
    import boto3
    from botocore.config import Config

    secret = settings.s3.secret_access_key
    # Clients are thread-safe, but creating them is not.
    with _one_at_a_time:
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


@contextmanager
def s3_errors(settings: Settings, name: str, key: str | None = None) -> Iterator[None]:
    """Turn errors with this bucket into a KpiError: Unavailable when the store does not answer.

    Pass a `key` when reading: raises NotFound when it does not exist.
    """
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, S3UploadFailedError) as error:
        kind = _kind(error)
        if key is not None and kind in _MISSING:
            raise NotFound(f"There is no {key}.") from error
        store = settings.s3.endpoint_url or f"AWS in {settings.s3.region}"
        does = "take" if key is None else "give"
        if _is_away(error):
            raise Unavailable(
                f"Bucket {name} of {store} does not {does} files ({kind}): the store does not "
                "answer. Start it, or correct KPI_S3__ENDPOINT_URL."
            ) from error
        raise KpiError(
            f"Bucket {name} of {store} does not {does} files ({kind}). "
            "Create it, or correct KPI_S3__… or the keys."
        ) from error


def _parts(address: str) -> tuple[str, str]:
    name, _, key = address.removeprefix(_S3).partition("/")
    return name, key


def _local(address: str) -> Path:
    # Older rows recorded a plain path.
    is_plain = not address.startswith("file:")
    from urllib.request import url2pathname  # with all of HTTP

    return Path(address if is_plain else url2pathname(urlsplit(address).path))


def _files(path: Path, key: str) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, key
        return
    for file in sorted(path.rglob("*")):
        if file.is_file():
            yield file, f"{key}/{file.relative_to(path).as_posix()}".lstrip("/")


def _kind(error: Exception) -> str:
    # S3's error code says more than the exception class.
    answer = _answer(error)
    return str(answer["Error"]["Code"]) if answer else type(error).__name__


def _is_away(error: Exception) -> bool:
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    answer = _answer(error)
    if answer:
        return bool(answer["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_ERROR)
    return isinstance(error, NoConnection | HTTPClientError)


def _answer(error: Exception) -> Any:
    # Uploads wrap S3's answer.
    return getattr(error, "response", None) or getattr(error.__context__, "response", None)
