"""Single files of MLflow's store, to be read and rewritten: a folder, a bucket, or its server."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from flows.platform.storage.atomic_files import replacing


@dataclass(frozen=True)
class TrackedFile:
    """A file at `path` below a run's or a model's folder in the store.

    Copies are made in `scratch`.
    """

    store: Any
    path: str
    scratch: Path

    @property
    def name(self) -> str:
        """Its name, without folders."""
        return PurePosixPath(self.path).name

    def read(self) -> bytes:
        """Return its content. Raises what MLflow raises for its files."""
        with TemporaryDirectory(dir=self.scratch) as folder:
            return Path(self.store.download_artifacts(self.path, dst_path=folder)).read_bytes()

    def write(self, content: bytes) -> None:
        """Replace its content. Raises what MLflow raises for its files."""
        local = getattr(self.store, "artifact_dir", None)
        if local is not None:  # MLflow copies into the file, which a killed process leaves half
            with replacing(Path(local, self.path)) as temporary:
                temporary.write_bytes(content)
            return
        with TemporaryDirectory(dir=self.scratch) as folder:
            copy = Path(folder, self.name)
            copy.write_bytes(content)
            parent = PurePosixPath(self.path).parent
            self.store.log_artifact(str(copy), None if str(parent) == "." else str(parent))


def files_in(
    address: str, scratch: Path, *, leave_out: Collection[str] = ()
) -> Iterator[TrackedFile]:
    """Yield the files below an address of the store, but those in folders to `leave_out`."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    store: Any = get_artifact_repository(address)
    folders: list[str | None] = [None]
    while folders:
        for found in store.list_artifacts(folders.pop()):
            if not found.is_dir:
                yield TrackedFile(store, found.path, scratch)
            elif PurePosixPath(found.path).name not in leave_out:
                folders.append(found.path)
