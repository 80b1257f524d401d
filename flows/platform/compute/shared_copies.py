"""What runs copied into Spark's shared storage, by name: a killed run leaves its folder there."""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from flows.errors import KpiError
from flows.platform.compute.spill import Copies
from flows.platform.storage.object_store import s3_client, s3_errors
from flows.settings import Settings

_NAME = re.compile(r"kpi-(\d{8}T\d{6})Z-[0-9a-f-]{36}")
_TIME = "%Y%m%dT%H%M%S"
# Longer than any run: a cluster's file systems have no locks.
_ABANDONED_AFTER = timedelta(days=2)


def name_of_copies() -> str:
    """Return a name for the folder of a run that begins now."""
    return f"kpi-{datetime.now(UTC):{_TIME}}Z-{uuid4()}"


def is_abandoned(name: str) -> bool:
    """Return whether a folder of that name is of a run that cannot be going on any more."""
    named = _NAME.fullmatch(name)
    if named is None:
        return False
    began = datetime.strptime(named[1], _TIME).replace(tzinfo=UTC)
    return datetime.now(UTC) - began > _ABANDONED_AFTER


def remove_shared_copies(settings: Settings, *, dry_run: bool = False) -> Copies:
    """Remove the files of every run from the shared storage; a dry run counts them.

    Call it while no run uses the storage. Raises KpiError when it is neither a folder of this
    machine nor a bucket: nothing here can look into it.
    """
    storage = str(settings.spark_shared_storage or "").rstrip("/")
    address = urlsplit(storage)
    if not storage:
        return Copies()
    if address.scheme == "file":
        return _remove_folders(Path(address.path), dry_run=dry_run)
    if address.scheme == "s3a":
        below = f"{address.path.lstrip('/')}/".lstrip("/")
        return Copies(_remove_objects(settings, address.netloc, below, dry_run=dry_run))
    raise KpiError(
        f"{storage} (KPI_SPARK_SHARED_STORAGE) was not searched: look there for folders kpi-…, "
        "which killed runs leave, and delete them."
    )


def _remove_folders(storage: Path, *, dry_run: bool) -> Copies:
    held = left = 0
    for folder in sorted(storage.glob("kpi-*")):
        if not _NAME.fullmatch(folder.name):
            continue
        held += _files_in(folder)
        if not dry_run:
            shutil.rmtree(folder, ignore_errors=True)
            left += _files_in(folder)
    return Copies(held - left, left)


def _files_in(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _remove_objects(settings: Settings, bucket: str, below: str, *, dry_run: bool) -> int:
    removed = 0
    with s3_errors(settings, bucket):
        client = s3_client(settings)
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=f"{below}kpi-"):
            for found in page.get("Contents", ()):
                if not _NAME.fullmatch(found["Key"].removeprefix(below).split("/")[0]):
                    continue
                if not dry_run:
                    client.delete_object(Bucket=bucket, Key=found["Key"])
                removed += 1
    return removed
