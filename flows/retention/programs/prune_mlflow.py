"""Remove old versions that were never Production, and runs without a version, from MLflow."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.churn.model.logged.registry import EXPERIMENT
from flows.churn.production.in_mlflow import MODEL, has_registry
from flows.errors import count_of
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.client import mlflow_client
from flows.platform.tracking.deleted_runs import can_forget, forget_deleted_runs
from flows.platform.warehouse.connection import execute, transaction
from flows.retention.keep_out import other_runs_kept_out
from flows.retention.ledger import Pruned, PrunedPlaces, record_all
from flows.retention.run import PruneRun
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.tracking import MlflowClient

logger = logging.getLogger(__name__)

VERSIONS = "MLflow versions"
RUNS = "MLflow runs"

_NO_STAGE = "None"
_AT_ONCE = 100


@dataclass(frozen=True)
class _Old:
    """What goes: versions, then the runs that no version is left of.

    Deleted ones are those that somebody deleted before, or a run of retention that was cut short.
    """

    versions: list["ModelVersion"]
    runs: list["Run"]
    deleted: list["Run"]


def prune_mlflow(settings: Settings, run: PruneRun) -> PrunedPlaces:
    """Remove what is old and was never Production, and scored nobody whose score is kept.

    Killed at any place, the next run completes it. Raises PipelineBusy when another run has a
    pipeline, KpiError when MLflow refuses, Unavailable when that may pass.
    """
    days = settings.retention.mlflow_days
    versions = runs = 0
    if has_registry(settings):
        with (
            other_runs_kept_out(settings, run),
            artifact_errors("MLflow keeps what retention removes", "Look into its server's log."),
        ):
            client = mlflow_client(settings)
            before = int(run.kept_since(days, settings).timestamp() * 1000)
            old = _find(settings, client, before)
            forgets = can_forget(settings)
            if not forgets:
                old = replace(old, deleted=[])
            versions, runs = len(old.versions), len(old.runs) + len(old.deleted)
            if run.removes:
                _remove(client, old)
                _forget(settings, old, can=forgets)
    kept_from = run.kept_from(days)
    return record_all(
        settings,
        run,
        [Pruned(VERSIONS, kept_from, rows=versions), Pruned(RUNS, kept_from, rows=runs)],
    )


def _find(settings: Settings, client: "MlflowClient", before: int) -> _Old:
    with transaction(settings, "prune_mlflow") as connection:
        named = {row["version"] for row in execute(connection, "retention/named_versions.sql")}
    every = list(_versions(client))
    if every:
        # What a search finds has no aliases, whatever it has.
        named |= {str(version) for version in client.get_registered_model(MODEL).aliases.values()}
    old = [
        version
        for version in every
        if version.creation_timestamp < before
        and version.current_stage == _NO_STAGE
        and str(version.version) not in named
    ]
    gone = {version.version for version in old}
    needed = {version.run_id for version in every if version.version not in gone}
    runs, deleted = (
        [
            each
            for each in _ended_runs(client, before, deleted=of_the_deleted)
            if each.info.run_id not in needed
        ]
        for of_the_deleted in (False, True)
    )
    return _Old(old, runs, deleted)


def _versions(client: "MlflowClient") -> Iterator["ModelVersion"]:
    token = None
    while True:
        page = client.search_model_versions(f"name = '{MODEL}'", _AT_ONCE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _ended_runs(client: "MlflowClient", before: int, *, deleted: bool = False) -> Iterator["Run"]:
    """Yield our experiment's runs that ended before, those that are deleted or the others."""
    from mlflow.entities import ViewType

    experiment = client.get_experiment_by_name(EXPERIMENT)
    token = None
    while experiment is not None:
        page = client.search_runs(
            [experiment.experiment_id],
            f"attributes.end_time < {before}",
            ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY,
            _AT_ONCE,
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def _remove(client: "MlflowClient", old: _Old) -> None:
    """Remove the versions, then each run after its models and files, so that none is left alone."""
    from mlflow.entities import LifecycleStage
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    for version in old.versions:
        client.delete_model_version(MODEL, version.version)
    for run in [*old.runs, *old.deleted]:
        query = f"source_run_id = '{run.info.run_id}'"
        for model in client.search_logged_models([run.info.experiment_id], filter_string=query):
            get_artifact_repository(model.artifact_location).delete_artifacts()
            client.delete_logged_model(model.model_id)
        get_artifact_repository(run.info.artifact_uri).delete_artifacts()
        if run.info.lifecycle_stage != LifecycleStage.DELETED:
            client.delete_run(run.info.run_id)


def _forget(settings: Settings, old: _Old, *, can: bool) -> None:
    """Let MLflow forget the runs, which it only hides until then."""
    gone = [run.info.run_id for run in [*old.runs, *old.deleted]]
    if can:
        forget_deleted_runs(settings, gone)
    elif gone:
        logger.warning(
            "MLflow keeps what it knows of %s that retention deleted: its server is none of this "
            "platform's. `mlflow gc`, run where the server runs, removes that, and deleted "
            "experiments as well.",
            count_of(len(gone), "run"),
        )
