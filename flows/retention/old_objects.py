"""Objects of the object store, by their prefix."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import KpiError
from flows.platform.storage.object_store import bucket_and_key, s3_client, s3_errors
from flows.retention.old_files import StoredFile
from flows.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_AT_ONCE = 1000  # as many as S3 takes


def objects_below(settings: Settings, folder: Path) -> list[StoredFile]:
    """Return every object that has the place of the folder.

    Raises KpiError when the store refuses, Unavailable when it does not answer.
    """
    name, key = bucket_and_key(settings, folder)
    with s3_errors(settings, name, key):
        pages = s3_client(settings).get_paginator("list_objects_v2")
        return [
            StoredFile(found["Key"], found["Size"], found["LastModified"])
            for page in pages.paginate(Bucket=name, Prefix=f"{key}/")
            for found in page.get("Contents", [])
        ]


def remove_objects(settings: Settings, folder: Path, old: Sequence[StoredFile]) -> None:
    """Remove the objects; raise KpiError when the store does not do it."""
    name, _ = bucket_and_key(settings, folder)
    client = s3_client(settings)
    for start in range(0, len(old), _AT_ONCE):
        keys: list[ObjectIdentifierTypeDef] = [
            {"Key": file.name} for file in old[start : start + _AT_ONCE]
        ]
        with s3_errors(settings, name):
            answer = client.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
        if refused := answer.get("Errors"):
            raise KpiError(
                f"Bucket {name} keeps {len(refused)} objects that retention removes "
                f"({refused[0].get('Code')}): the key of KPI_S3__… may not delete."
            )
