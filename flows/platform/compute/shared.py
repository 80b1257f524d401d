"""Files that a cluster reads and writes: in a shared folder, or by a file system of its own.

Other steps read and write folders under `KPI_HOME`. Where a cluster cannot see these, Spark works
on copies in `KPI_SPARK_SHARED_STORAGE`, which are gone once the work is done.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from flows.errors import KpiError, first_line
from flows.platform.compute.shared_copies import is_abandoned, name_of_copies
from flows.platform.compute.spark import spark_address
from flows.settings import Settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)

_S3A = "fs.s3a"


class Shared(Protocol):
    """A session, and under which address its cluster finds a path of this machine."""

    spark: "SparkSession"

    def address(self, path: Path) -> str:
        """Return the address at which executors read a file or folder that is complete."""
        ...

    def written(self, folder: Path) -> "AbstractContextManager[str]":
        """Yield the address for executors to write to; when the block ends, it is the folder."""
        ...


@contextmanager
def shared_storage(settings: Settings, spark: "SparkSession") -> Iterator[Shared]:
    """Yield what leads the session to files of this machine, until the block ends.

    Raises KpiError when `KPI_SPARK_SHARED_STORAGE` cannot be used.
    """
    if settings.spark_shared_storage is None:
        yield _Folder(spark)
        return
    with _sentence(settings.spark_shared_storage):
        copies = _Copies(settings, spark)
        copies.remove_abandoned()
    try:
        yield copies
    except BaseException:
        copies.remove_after_error()
        raise
    copies.remove()


class _Folder:
    def __init__(self, spark: "SparkSession") -> None:
        self.spark = spark

    def address(self, path: Path) -> str:
        return spark_address(path)

    @contextmanager
    def written(self, folder: Path) -> Iterator[str]:
        yield spark_address(folder)


class _Copies:
    """Copies in the shared storage, made by Hadoop's own file systems, whatever the scheme."""

    def __init__(self, settings: Settings, spark: "SparkSession") -> None:
        self.spark = spark
        context: Any = spark.sparkContext
        self._jvm = context._jvm
        self._hadoop = context._jsc.hadoopConfiguration()
        _lead_to_s3(settings, self._hadoop)
        self._storage = str(settings.spark_shared_storage).rstrip("/")
        self._root = f"{self._storage}/{name_of_copies()}"
        self._files = self._path(self._root).getFileSystem(self._hadoop)
        self._copied: dict[Path, str] = {}

    def address(self, path: Path) -> str:
        if path not in self._copied:
            copy = f"{self._root}/read/{len(self._copied)}/{path.name}"
            with _sentence(self._storage):
                self._files.copyFromLocalFile(self._path(spark_address(path)), self._path(copy))
            self._copied[path] = copy
        return self._copied[path]

    @contextmanager
    def written(self, folder: Path) -> Iterator[str]:
        address = f"{self._root}/written/{uuid4()}"
        yield address
        # Without files of checksums, which this machine's Spark would look for.
        plain = True
        with _sentence(self._storage):
            self._files.copyToLocalFile(
                False, self._path(address), self._path(spark_address(folder)), plain
            )

    def remove(self) -> None:
        with _sentence(self._storage):
            self._files.delete(self._path(self._root), True)

    def remove_after_error(self) -> None:
        # Whatever ended the run is what people are told, also where Java ended with it.
        try:
            self.remove()
        except Exception as error:
            why = error if isinstance(error, KpiError) else f"{type(error).__name__}."
            logger.warning("The copies of this run stay in %s: %s", self._root, why)

    def remove_abandoned(self) -> None:
        storage = self._path(self._storage)
        if not self._files.exists(storage):
            return
        for found in self._files.listStatus(storage):
            if is_abandoned(found.getPath().getName()):
                self._files.delete(found.getPath(), True)

    def _path(self, address: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(address)


def _lead_to_s3(settings: Settings, hadoop: Any) -> None:
    """Give s3a our store; not as options of Spark, which are seen in the list of processes.

    Without keys it asks the machine's role, as Hadoop's own chain of providers does.
    """
    s3 = settings.s3
    if s3.endpoint_url:
        hadoop.set(f"{_S3A}.endpoint", s3.endpoint_url)
        hadoop.set(f"{_S3A}.path.style.access", "true")
        secure = s3.endpoint_url.startswith("https://")
        hadoop.set(f"{_S3A}.connection.ssl.enabled", str(secure).lower())
    hadoop.set(f"{_S3A}.endpoint.region", s3.region)
    if s3.access_key_id and s3.secret_access_key:
        hadoop.set(f"{_S3A}.access.key", s3.access_key_id)
        hadoop.set(f"{_S3A}.secret.key", s3.secret_access_key.get_secret_value())


@contextmanager
def _sentence(storage: str) -> Iterator[None]:
    from py4j.protocol import Py4JJavaError

    try:
        yield
    except Py4JJavaError as error:
        why = first_line(error.java_exception)
        raise KpiError(
            f"Spark cannot use KPI_SPARK_SHARED_STORAGE={storage} ({why}). Look at the address, at "
            "who may read and write there, and, for s3a, at Hadoop's connector, which Spark does "
            "not bring: docs/scale.md says how it gets there."
        ) from error
