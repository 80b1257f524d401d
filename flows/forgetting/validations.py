"""A person in validation results: samples of cells lose them, and their pages are built anew."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.errors import KpiError
from flows.forgetting.prefect import result_without_people
from flows.forgetting.stored_files import (
    delete_stored,
    read_stored,
    rewrite_stored,
    stored_files,
)
from flows.forgetting.trace import Trace
from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import artifacts_folder, great_expectations_folder
from flows.settings import Settings

_SAMPLES = ("partial_unexpected_list", "partial_unexpected_counts", "unexpected_list")
_NOBODY = "forgotten"


def forget_in_validations(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Take their cells out of stored results; then build the pages that are missing."""
    results = great_expectations_folder(settings) / "validations"
    stored = list(stored_files(settings, results, ".json"))
    found = 0
    for path in stored:
        content = json.loads(read_stored(settings, path))
        cells = sum(_hide(sample, people) for sample in _samples(content))
        found += cells
        if cells and not dry_run:
            # First: a page that is missing is made again.
            delete_stored(settings, _page(settings, path))
            rewrite_stored(settings, path, json.dumps(content, indent=2).encode())
    if not dry_run and (missing := _without_page(settings, stored)):
        from flows.platform.quality.great_expectations import build_data_docs

        build_data_docs(settings)
        _make_as_old(settings, missing)
    return [Trace("ge-artifacts/validations", found, "made nameless")]


def _page(settings: Settings, result: Path) -> Path:
    folder = great_expectations_folder(settings)
    return folder / "data_docs" / result.relative_to(folder).with_suffix(".html")


def _make_as_old(settings: Settings, results: list[Path]) -> None:
    """Let a page go when its result does; in a bucket its age cannot be set."""
    if settings.storage == "folder":
        for result in results:
            changed = result.stat().st_mtime_ns
            if (page := _page(settings, result)).exists():
                os.utime(page, ns=(changed, changed))


def _without_page(settings: Settings, results: list[Path]) -> list[Path]:
    """Return the results that Data Docs list and that have no page; they list the newest."""
    pages = great_expectations_folder(settings) / "data_docs" / "validations"
    there = set(stored_files(settings, pages, ".html"))
    newest = sorted(results, key=lambda path: path.parent.name)[-settings.data_docs_results :]
    return [path for path in newest if _page(settings, path) not in there]


def forget_in_stored_runs(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Make logs and results of runs, and logs of Airflow's tasks, nameless in their buckets.

    Those in a folder are part of the home. Raises KpiError, after all the others, for a result that
    cannot be read.
    """
    if settings.storage == "folder":
        return []
    runs = settings.s3.runs_bucket
    traces = []
    unread = []
    for place, suffix, nameless in (
        (f"{runs}/logs", ".log", _log_without_people),
        (f"{runs}/results", "", result_without_people),
        ("airflow-logs", ".log", _log_without_people),
    ):
        for path in list(stored_files(settings, artifacts_folder(settings) / place, suffix)):
            try:
                content, found = nameless(read_stored(settings, path), people)
            except ValueError:
                unread.append(f"{place}/{path.name}")
                continue
            traces.append(Trace(place, found, "made nameless"))
            if found and not dry_run:
                rewrite_stored(settings, path, content)
    if unread:
        more = f" (and {len(unread) - 1:,} more)" if unread[1:] else ""
        raise KpiError(f"{unread[0]}{more} cannot be searched: it is no result of ours in JSON.")
    return traces


def _log_without_people(content: bytes, people: People) -> tuple[bytes, int]:
    text, found = without_people(content.decode("latin-1"), people)
    return text.encode("latin-1"), found


def _samples(content: Any) -> Iterator[list[Any]]:
    if isinstance(content, dict):
        for name, held in content.items():
            if name in _SAMPLES and isinstance(held, list):
                yield held
            else:
                yield from _samples(held)
    elif isinstance(content, list):
        for item in content:
            yield from _samples(item)


def _hide(sample: list[Any], people: People) -> int:
    found = 0
    for at, item in enumerate(sample):
        cell = item.get("value") if isinstance(item, dict) else item
        if isinstance(cell, str | int) and people.has(str(cell)):
            sample[at] = {**item, "value": _NOBODY} if isinstance(item, dict) else _NOBODY
            found += 1
    return found
