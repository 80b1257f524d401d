"""Remove old files: results and logs of runs, validations, drift reports, lineage, snapshots."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.churn.folders import drift_history, drift_reports
from flows.platform.storage.layout import (
    artifacts_folder,
    embedded_server_folder,
    great_expectations_folder,
    lineage_folder,
    run_results,
)
from flows.retention.keep_out import other_runs_kept_out
from flows.retention.ledger import Pruned, PrunedPlaces, record_all
from flows.retention.old_files import as_pruned, cut_log, files_below, old_ones, remove_files
from flows.retention.old_objects import objects_below, remove_objects
from flows.retention.run import PruneRun
from flows.settings import Settings


@dataclass(frozen=True)
class _Kind:
    """A folder of files that are as old as their last change; some newest always stay."""

    folder: Path
    days: int
    newest_kept: int = 0
    in_store: bool = True


def prune_files(settings: Settings, run: PruneRun) -> PrunedPlaces:
    """Remove files and objects older than the settings keep, and write down how many.

    Killed at any place, the next run completes it. Raises PipelineBusy when another run has a
    pipeline, KpiError when the object store refuses.
    """
    with other_runs_kept_out(settings, run):
        places = [_prune(settings, run, kind) for kind in _kinds(settings)]
        return record_all(settings, run, [*places, _cut_servers_log(settings, run)])


def _kinds(settings: Settings) -> Iterator[_Kind]:
    kept, expectations = settings.retention, great_expectations_folder(settings)
    results = run_results(settings)
    yield _Kind(results, kept.results_days)
    yield _Kind(results.with_name("logs"), kept.results_days)
    for kind in ("validations", "data_docs/validations"):
        yield _Kind(expectations / kind, kept.validations_days, settings.data_docs_results)
    # The last report is what the app shows first.
    yield _Kind(drift_reports(settings), kept.drift_reports_days, newest_kept=1)
    yield _Kind(lineage_folder(settings), kept.runs_days, in_store=False)
    # Apart by lookback: only snapshots of one are compared with each other.
    for snapshots in sorted(drift_history(settings).glob("*")):
        newest = settings.churn.drift_snapshots + settings.churn.drift_weeks
        yield _Kind(snapshots, kept.drift_days, newest, in_store=False)


def _prune(settings: Settings, run: PruneRun, kind: _Kind) -> Pruned:
    since = run.kept_since(kind.days, settings)
    place = Pruned(_place(settings, kind.folder), run.kept_from(kind.days))
    old = old_ones(files_below(kind.folder, since), since, kind.newest_kept)
    if run.removes:
        remove_files(kind.folder, old)
    place = as_pruned(place, old)
    if settings.storage == "s3" and kind.in_store:
        objects = old_ones(objects_below(settings, kind.folder), since, kind.newest_kept)
        if run.removes:
            remove_objects(settings, kind.folder, objects)
        place = as_pruned(place, objects)
    return place


def _cut_servers_log(settings: Settings, run: PruneRun) -> Pruned:
    # What the embedded server refused, with the rows that its errors quote.
    log = embedded_server_folder(settings) / "postgres.log"
    kept_from = run.kept_from(settings.retention.results_days)
    cut = cut_log(log, kept_from, removes=run.removes)
    return Pruned(_place(settings, log), kept_from, bytes=cut)


def _place(settings: Settings, folder: Path) -> str:
    artifacts = artifacts_folder(settings)
    base = artifacts if folder.is_relative_to(artifacts) else settings.home
    return folder.relative_to(base).as_posix()
