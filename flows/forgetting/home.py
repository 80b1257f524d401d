"""A person in the files under the home folder: tables are rewritten, logs are made nameless."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from flows.contracts.producers.read import PRODUCERS, producer_path, read_producer
from flows.errors import BadInput, KpiError, count_of
from flows.forgetting.copies import folders_of_copies
from flows.forgetting.deliveries import in_producers_file, producers_file
from flows.forgetting.prefect import forget_in_result
from flows.forgetting.tables import forget_in_csv, forget_in_parquet
from flows.forgetting.trace import Trace
from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.parquet_rows import NAMED, WHOSE
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import mlflow_home, run_results
from flows.settings import Settings

# What a killed process leaves of a file or folder that it was writing: .NAME.1a2b3c4d
_UNFINISHED = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}(\.former)?")
_OF_A_SERVER = "PG_VERSION"
# A log, or one that was put aside when it had grown long enough.
_LOG = re.compile(r".+\.log(\.[0-9]+)?")


def forget_in_home(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Go through every table and log under the home folder, whoever wrote it.

    Raises KpiError, after all the others, for a file that cannot be read or rewritten.
    """
    not_done: list[KpiError] = []
    traces: list[Trace] = []
    for path, name, unfinished in _files(settings):
        search = _search_of(settings, path, name)
        if search is None or (dry_run and path.is_relative_to(mlflow_home(settings))):
            continue  # MLflow's own are counted there, and done before the home is
        place = _place(settings, path)
        try:
            traces += search(path, people, place=place, dry_run=dry_run)
        except KpiError as error:
            if not unfinished:
                not_done.append(error)
                continue
            # Half written: nobody can use it.
            traces.append(Trace(place, 1, "deleted"))
            if not dry_run:
                path.unlink(missing_ok=True)
    if not_done:
        raise _told(not_done)
    return traces


def _told(errors: list[KpiError]) -> KpiError:
    more = f" So it is with {count_of(len(errors) - 1, 'other file')}." if errors[1:] else ""
    return KpiError(f"{errors[0].marked.rstrip('.')}.{more}")


def left_to_others(settings: Settings, people: People) -> list[Trace]:
    """Count what is not ours: deliveries of churn, and producers' files, which may name a user."""
    return [*_in_producers(settings, people), *_in_deliveries(settings, people)]


def _in_producers(settings: Settings, people: People) -> Iterator[Trace]:
    elsewhere = set(map(producer_path, settings.churn.producers.values()))
    for path in sorted({*PRODUCERS.glob("*.yaml"), *elsewhere}):
        try:
            producer = read_producer(path)
        except BadInput:
            continue  # nobody delivers by it
        cells: list[str | None] = []
        for name in (*WHOSE, *NAMED):
            meant = producer.values.get(name, {})
            cells += [producer.constants.get(name), *meant, *meant.values()]
        named = people.among(cells)
        yield Trace(f"{_of_producer(path)}: {path.name}", len(named), "left")


def _of_producer(path: Path) -> str:
    return "contracts/producers" if path.parent == PRODUCERS else "KPI_CHURN__PRODUCERS"


def _in_deliveries(settings: Settings, people: People) -> list[Trace]:
    folder = settings.churn.source
    if not folder.is_dir():
        return []
    in_home = folder.is_relative_to(settings.home)
    traces = []
    for path in sorted(folder.glob("*.csv")):
        place = f"KPI_CHURN__SOURCE: {path.name}"
        if mapped := producers_file(settings, path):
            found = in_producers_file(settings, mapped, people, place=place)
        elif in_home:
            continue  # searched with the home
        else:
            found = forget_in_csv(path, people, place=place, dry_run=True)
        traces.append(Trace(place, sum(trace.found for trace in found), "left"))
    return traces


def _files(settings: Settings) -> Iterator[tuple[Path, str, bool]]:
    """Yield each file, the name that it has or was to get, and whether it is unfinished."""
    copies = folders_of_copies(settings)
    for folder, folders, names in os.walk(settings.home):
        if _OF_A_SERVER in names or Path(folder) in copies:  # PostgreSQL's own data
            folders.clear()
            continue
        folders.sort()
        parts = Path(folder).relative_to(settings.home).parts
        in_unfinished = any(map(_UNFINISHED.fullmatch, parts))
        for name in sorted(names):
            unfinished = _UNFINISHED.fullmatch(name)
            whole = unfinished["name"] if unfinished else name
            yield Path(folder, name), whole, in_unfinished or unfinished is not None


def _place(settings: Settings, path: Path) -> str:
    """Return the folder that people know: not one for each run."""
    parts = path.relative_to(settings.home).parts[:-1]
    return "/".join((settings.home.name, *parts[:2], ""))


def _in_log(path: Path, people: People, *, place: str, dry_run: bool) -> list[Trace]:
    # In place, byte by byte: whoever writes the log goes on with the same file.
    found = 0
    try:
        before = path.stat()
        with path.open("rb" if dry_run else "rb+") as file:
            while True:
                at = file.tell()
                line = file.readline()
                if not line:
                    break
                text, hidden = without_people(line.decode("latin-1"), people)
                if hidden and not dry_run:
                    file.seek(at)
                    file.write(text.encode("latin-1"))
                found += hidden
        if found and not dry_run:
            # Retention goes by it: what the lines hold of others is as old as it was.
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    except OSError as error:
        raise KpiError(f"{path} cannot be searched: {error.strerror}") from error
    return [Trace(place, found, "made nameless")]


def _search_of(settings: Settings, path: Path, name: str) -> Callable[..., list[Trace]] | None:
    if path.is_relative_to(run_results(settings)):
        return forget_in_result
    if _LOG.fullmatch(name):
        return _in_log
    if path.parent == settings.churn.source and producers_file(settings, path):
        return None  # its producer's form is known, and it is left to them
    return _SEARCHES.get(Path(name).suffix)


_SEARCHES: dict[str, Callable[..., list[Trace]]] = {
    ".parquet": forget_in_parquet,
    ".csv": forget_in_csv,
}
