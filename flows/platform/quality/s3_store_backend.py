"""A Great Expectations store backend for S3, which it no longer includes.

Great Expectations imports this module by name; importing it takes seconds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from great_expectations.data_context.store.tuple_store_backend import TupleStoreBackend
from great_expectations.exceptions.exceptions import InvalidKeyError

from flows.errors import KpiError
from flows.platform.storage.object_store import NotFound, content_type, s3_client, s3_errors
from flows.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Key = tuple[str, ...]


@dataclass
class _ObjectStore:
    settings: Settings
    client: "S3Client"
    failure: KpiError | None = None


_current: ContextVar[_ObjectStore] = ContextVar("the object store that stores are made for")


@contextmanager
def stores_in_s3(settings: Settings) -> Iterator[None]:
    """Point the stores that Great Expectations creates inside to the S3 of these settings.

    It creates them from a configuration, which is no place for keys. It logs some store errors
    and goes on, so the first KpiError is raised again at the end in any case.
    """
    object_store = _ObjectStore(settings, s3_client(settings))
    token = _current.set(object_store)
    try:
        yield
    except Exception:
        if object_store.failure is None:
            raise
    finally:
        _current.reset(token)
    if object_store.failure is not None:
        raise object_store.failure


class S3StoreBackend(TupleStoreBackend):
    """Stores a text or a file per key, as `<folder>/<key>` in a bucket."""

    def __init__(self, bucket: str, folder: str, **options: Any) -> None:
        super().__init__(platform_specific_separator=False, **options)
        self._bucket = bucket
        self._folder = f"{folder}/"
        self._object_store = _current.get()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """Return the stored keys, only those below `prefix` when it is given."""
        below = self._folder + "".join(f"{part}/" for part in prefix)
        with self._asking(below) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=below
            )
            found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        key_of: Callable[[str], Key] = self._convert_filepath_to_key
        paths = [name.removeprefix(self._folder) for name in found]
        return [
            key_of(path)
            for path in paths
            if not self._is_missing_prefix_or_suffix(
                self.filepath_prefix, self.filepath_suffix, path
            )
        ]

    def remove_key(self, key: Any) -> Any:
        """Delete a key; return True."""
        name = self._name(key if isinstance(key, tuple) else key.to_tuple())
        with self._asking() as client:
            client.delete_object(Bucket=self._bucket, Key=name)
        return True

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """Return the `s3://` URL of a key."""
        return f"s3://{self._bucket}/{self._name(key)}"

    def _get(self, key: Key) -> Any:
        name = self._name(key)
        try:
            with self._asking(name) as client:
                content = client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except NotFound as error:
            raise InvalidKeyError(str(error)) from error
        return content.decode("utf-8")

    def _get_all(self) -> list[str]:
        return [self._get(key) for key in self.list_keys()]

    def _has_key(self, key: Key) -> bool:
        name = self._name(key)
        try:
            with self._asking(name) as client:
                client.head_object(Bucket=self._bucket, Key=name)
        except NotFound:
            return False
        return True

    def _set(self, key: Key, value: str | bytes, **options: Any) -> Any:
        name = self._name(key)
        with self._asking() as client:
            client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=value.encode("utf-8") if isinstance(value, str) else value,
                ContentType=options.get("content_type") or content_type(name),
            )
        return name

    def _move(self, source_key: Key, dest_key: Key, **options: Any) -> None:
        self._set(dest_key, self._get(source_key))
        self.remove_key(source_key)

    def _name(self, key: Key) -> str:
        path_of: Callable[[Key], str] = self._convert_key_to_filepath
        return f"{self._folder}{path_of(key)}"

    @contextmanager
    def _asking(self, name: str | None = None) -> Iterator["S3Client"]:
        object_store = self._object_store
        if object_store.failure is not None:
            raise object_store.failure  # do not wait again for a store that failed
        try:
            with s3_errors(object_store.settings, self._bucket, name):
                yield object_store.client
        except NotFound:
            raise
        except KpiError as failure:
            object_store.failure = failure
            raise
