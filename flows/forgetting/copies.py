"""Copies that killed commands left under the home: removed as they are, whoever is in them.

Nobody reads them any more, and they have forms of their own: DuckDB's and Spark's temporary files,
a producer's whole file in UTF-8, rows without a header.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from flows.errors import KpiError, count_of
from flows.forgetting.trace import Trace
from flows.platform.compute.shared_copies import remove_shared_copies
from flows.platform.compute.spill import SCRATCH, Copies, remove_abandoned
from flows.platform.forgetting.people import People
from flows.settings import Settings

_SPILLS = ("duckdb", SCRATCH)
_SPARK = "spark/local"
# An earlier release wrote scores there while it measured them.
_OUTCOMES = "churn/runs", "*/outcomes-*"


def folders_of_copies(settings: Settings) -> list[Path]:
    """Return the folders that hold nothing else: whoever searches the home leaves them out."""
    below, pattern = _OUTCOMES
    named = [settings.home / name for name in (*_SPILLS, _SPARK)]
    return [*named, *(settings.home / below).glob(pattern)]


def forget_in_copies(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Remove the copies that nobody uses; a dry run counts their files.

    Call it while no pipeline runs. Raises KpiError, after all the others, for those that are in use
    or cannot be removed: they were not searched.
    """
    del people  # they go unseen
    found = list(_copies(settings, dry_run=dry_run))
    if kept := {place: copies.kept for place, copies in found if copies.kept}:
        told = ", ".join(f"{count_of(n, 'file')} below {place}" for place, n in kept.items())
        raise KpiError(
            f"Copies were not searched, being in use or not ours to remove: {told}. They go with "
            "the commands, uploads or Spark jobs that made them; where none runs, delete them."
        )
    return [Trace(place, copies.abandoned, "deleted") for place, copies in found]


def _copies(settings: Settings, *, dry_run: bool) -> Iterator[tuple[str, Copies]]:
    home = settings.home
    for name in _SPILLS:
        try:
            yield f"{home.name}/{name}/", remove_abandoned(home / name, dry_run=dry_run)
        except OSError as error:
            raise KpiError(f"{home / name} cannot be searched: {error.strerror}") from error
    # The workers of a cluster may have theirs there, for jobs that hold no lock of ours.
    is_ours = settings.spark_master_url.startswith("local")
    below, pattern = _OUTCOMES
    for place, folders, removed in (
        (_SPARK, (home / _SPARK).glob("*"), is_ours),
        (below, (home / below).glob(pattern), True),
    ):
        yield f"{home.name}/{place}/", _removed(folders, remove=removed, dry_run=dry_run)
    if settings.spark_shared_storage:
        yield settings.spark_shared_storage, remove_shared_copies(settings, dry_run=dry_run)


def _removed(folders: Iterator[Path], *, remove: bool, dry_run: bool) -> Copies:
    abandoned = kept = 0
    for folder in list(folders):
        held = _files_in(folder)
        if remove and not dry_run:
            shutil.rmtree(folder, ignore_errors=True)
        left = held if not remove else 0 if dry_run else _files_in(folder)
        abandoned += held - left
        kept += left
    return Copies(abandoned, kept)


def _files_in(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))
