"""Remove old versions that were never Production, and runs without a version, from MLflow."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.churn.model.registry import EXPERIMENT
from flows.churn.production.in_mlflow import MODEL, has_registry
from flows.errors import KpiError
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.client import mlflow_client, tracking_uri
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
    """What goes: versions, then the runs that no version is left of."""

    versions: list["ModelVersion"]
    runs: list["Run"]


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
            versions, runs = len(old.versions), len(old.runs)
            if run.removes:
                _remove(client, old)
                _collect_garbage(settings, client, before)
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
    old = [
        version
        for version in every
        if version.creation_timestamp < before
        and version.current_stage == _NO_STAGE
        and not version.aliases
        and str(version.version) not in named
    ]
    gone = {version.version for version in old}
    needed = {version.run_id for version in every if version.version not in gone}
    runs = [each for each in _ended_runs(client, before) if each.info.run_id not in needed]
    return _Old(old, runs)


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
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    for version in old.versions:
        client.delete_model_version(MODEL, version.version)
    for run in old.runs:
        query = f"source_run_id = '{run.info.run_id}'"
        for model in client.search_logged_models([run.info.experiment_id], filter_string=query):
            get_artifact_repository(model.artifact_location).delete_artifacts()
            client.delete_logged_model(model.model_id)
        get_artifact_repository(run.info.artifact_uri).delete_artifacts()
        client.delete_run(run.info.run_id)


def _collect_garbage(settings: Settings, client: "MlflowClient", before: int) -> None:
    """Let MLflow forget deleted runs that ended before; a server's are its operator's."""
    from mlflow.entities import ViewType

    address = tracking_uri(settings)
    if not address.startswith("sqlite"):
        return
    deleted = [run.info.run_id for run in _ended_runs(client, before, deleted=True)]
    if deleted and client.search_experiments(ViewType.DELETED_ONLY, 1):
        # It removes them as well, whatever it is told to remove.
        logger.warning(
            "MLflow keeps what it knows of the runs that retention deleted: `mlflow gc` would also "
            "remove the deleted experiments of its store for good. Restore or remove those."
        )
        return
    for first in range(0, len(deleted), _AT_ONCE):
        some = ",".join(deleted[first : first + _AT_ONCE])
        command = [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", address]
        command += ["--tracking-uri", address, "--run-ids", some]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]
            raise KpiError(f"`mlflow gc` failed: {''.join(last)}. Run it by hand to see why.")
