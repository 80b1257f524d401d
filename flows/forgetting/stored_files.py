"""Files for people, where they are kept: in a folder, or in a bucket."""

from collections.abc import Iterator
from pathlib import Path

from flows.platform.storage.atomic_files import replacing
from flows.platform.storage.object_store import (
    bucket_and_key,
    object_address,
    put,
    read_object,
    s3_client,
    s3_errors,
)
from flows.settings import Settings


def stored_files(settings: Settings, folder: Path, suffix: str) -> Iterator[Path]:
    """Yield the files below a folder of `artifacts/`, as paths there, wherever they are kept."""
    if settings.storage == "folder":
        yield from sorted(path for path in folder.rglob(f"*{suffix}") if path.is_file())
        return
    name, key = bucket_and_key(settings, folder)
    with s3_errors(settings, name):
        below = f"{key}/" if key else ""
        pages = s3_client(settings).get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=name, Prefix=below):
            for found in page.get("Contents", ()):
                if found["Key"].endswith(suffix):
                    yield folder / found["Key"].removeprefix(below)


def read_stored(settings: Settings, path: Path) -> bytes:
    """Return what is stored as that file."""
    return read_object(settings, object_address(settings, path))


def rewrite_stored(settings: Settings, path: Path, content: bytes) -> None:
    """Store other content as that file."""
    is_here = path.exists()
    with replacing(path, as_old=True) as temporary:
        temporary.write_bytes(content)
    put(settings, path)
    if settings.storage == "s3" and not is_here:
        path.unlink()


def delete_stored(settings: Settings, path: Path) -> None:
    """Delete that file, if it is there."""
    if settings.storage == "folder":
        path.unlink(missing_ok=True)
        return
    name, key = bucket_and_key(settings, path)
    with s3_errors(settings, name):
        s3_client(settings).delete_object(Bucket=name, Key=key)
