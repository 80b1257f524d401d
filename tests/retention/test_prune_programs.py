"""Old versions, runs and flow runs go from MLflow and Prefect; what somebody needs stays."""

from datetime import date, timedelta
from typing import Any

import pytest
from mlflow.exceptions import MlflowException

from flows.churn.model.logged.registry import EXPERIMENT, register_version
from flows.churn.production.in_mlflow import MODEL
from flows.platform.warehouse.connection import Connection
from flows.retention.programs.prune_mlflow import prune_mlflow
from flows.retention.programs.prune_prefect import prune_prefect
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.retention.flow_runs import left, ran

LATER = date.today() + timedelta(days=400)


def test_versions_that_were_never_production_go_with_their_runs(
    db: Connection, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    client = registry.client
    experiment = client.create_experiment(EXPERIMENT, (tmp_path_factory.mktemp("runs")).as_uri())
    registry.promoted("good")
    scored, candidate, failed = (_logged(client, experiment) for _ in range(3))
    names = [register_version(client, uri, run, "") for run, uri in (scored, candidate)]
    db.execute(
        "CREATE TABLE prod.scores_2026 PARTITION OF prod.bt_churn_scores "
        "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
    )
    db.execute("INSERT INTO prod.bt_churn_scores VALUES ('2026-06-30', 1, %s, 0.5)", [names[0]])

    assert prune_mlflow(settings, PruneRun(as_of=date.today(), mode="prune")).rows == 0
    dry = prune_mlflow(settings, PruneRun(as_of=LATER, mode="dry-run"))
    assert len(client.search_model_versions(f"name = '{MODEL}'")) == 3
    wet = prune_mlflow(settings, PruneRun(as_of=LATER, mode="prune"))

    assert dry.rows == wet.rows == 3, "the candidate, its run, and the run that failed"
    left = {str(version.version) for version in client.search_model_versions(f"name = '{MODEL}'")}
    assert left == {"1", names[0]}
    kept = [run.info.run_id for run in client.search_runs([experiment])]
    assert kept == [scored[0]]
    assert client.list_artifacts(scored[0])
    with pytest.raises(MlflowException, match="not found"):
        client.get_run(failed[0])
    assert prune_mlflow(settings, PruneRun(as_of=LATER, mode="prune")).rows == 0


@pytest.mark.usefixtures("db")
def test_experiments_that_somebody_deleted_are_never_removed_with_our_runs(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    client = registry.client
    registry.promoted("good")
    experiment = client.create_experiment(EXPERIMENT, (tmp_path_factory.mktemp("runs")).as_uri())
    ours, _ = _logged(client, experiment)
    client.delete_run(ours)
    theirs = client.create_experiment("deleted by mistake")
    client.delete_experiment(theirs)

    dry = prune_mlflow(settings, PruneRun(as_of=LATER, mode="dry-run"))
    wet = prune_mlflow(settings, PruneRun(as_of=LATER, mode="prune"))

    assert dry.rows == wet.rows == 1, "the run that was deleted already"
    with pytest.raises(MlflowException, match="not found"):
        client.get_run(ours)
    client.restore_experiment(theirs)
    assert client.get_experiment(theirs).lifecycle_stage == "active"


@pytest.mark.usefixtures("db")
def test_a_run_that_somebody_deleted_stays_while_a_version_of_it_does(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    client = registry.client
    registry.promoted("good")
    experiment = client.create_experiment(EXPERIMENT, (tmp_path_factory.mktemp("runs")).as_uri())
    run, uri = _logged(client, experiment)
    version = register_version(client, uri, run, "")
    client.set_registered_model_alias(MODEL, "kept", version)
    client.delete_run(run)

    assert prune_mlflow(settings, PruneRun(as_of=LATER, mode="prune")).rows == 0

    assert client.list_artifacts(run)


def _logged(client: Any, experiment: str) -> tuple[str, str]:
    """A run that ended, with a file, and the address of a model of it."""
    run = client.create_run(experiment)
    client.log_text(run.info.run_id, "of users", "training_users.json")
    client.set_terminated(run.info.run_id)
    return run.info.run_id, f"runs:/{run.info.run_id}/model"


@pytest.mark.usefixtures("prefect_api")
def test_ended_flow_runs_go_with_their_artifacts(settings: Settings) -> None:
    run_id = ran()
    asked = PruneRun(as_of=date.today() + timedelta(days=91), mode="prune")

    assert prune_prefect(settings, PruneRun(as_of=date.today(), mode="prune")).rows == 0
    would = prune_prefect(settings, PruneRun(as_of=asked.as_of, mode="dry-run"))
    did = prune_prefect(settings, asked)

    assert would.rows == did.rows >= 2
    assert left(run_id) == (0, 0)
    assert prune_prefect(settings, PruneRun(as_of=asked.as_of, mode="prune")).rows == 0
