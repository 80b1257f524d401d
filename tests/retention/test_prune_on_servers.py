"""Servers with databases of their own, as in containers, remove there what is asked of them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import mlflow
import psycopg
import pytest

from flows.churn.model.logged.registry import EXPERIMENT, register_version
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.tracking.client import mlflow_client
from flows.retention.ledger import of_run
from flows.retention.programs.prune_mlflow import RUNS, prune_mlflow
from flows.retention.programs.prune_prefect import LOGS, prune_prefect
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.retention.flow_runs import left, ran
from tests.retention.servers import mlflow_on, prefect_on, tables_with

LATER = date.today() + timedelta(days=400)

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of databases that only Prefect's and MLflow's servers reach."""
    server = PostgresServer(
        binaries=wheel_binaries(),
        folder=tmp_path_factory.mktemp("databases") / "postgres",
        settings={"fsync": "off"},
    )
    server.start()
    yield server
    server.stop()


def counted(settings: Settings, run: PruneRun) -> dict[str, int]:
    return {line["place"]: line["rows"] for line in of_run(settings, run.run_id)}


@pytest.mark.usefixtures("db")
def test_prefect_s_server_removes_its_logs_and_knows_no_old_run(
    settings: Settings,
    databases: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    kept = settings.retention.model_copy(update={"batch_rows": 2})
    settings = settings.model_copy(update={"retention": kept})
    with prefect_on(databases, tmp_path) as api, temporary_settings({PREFECT_API_URL: api}):
        monkeypatch.setenv("PREFECT_API_URL", api)
        flow_run = ran()
        lines = [
            {"name": "flow", "level": 20, "message": f"line {number} of {flow_run}"}
            for number in range(5)
        ]
        with psycopg.connect(databases.url("prefect_db")) as connection:
            connection.cursor().executemany(
                "INSERT INTO log (name, level, message, timestamp, flow_run_id)"
                " VALUES (%(name)s, %(level)s, %(message)s, now(), %(run)s)",
                [{**line, "run": flow_run} for line in lines],
            )
            found = connection.execute("SELECT count(*) FROM log").fetchone()
        assert found
        held = tables_with(databases, "prefect_db", flow_run)
        assert held >= {"flow_run", "flow_run_state", "artifact", "log"}
        dry, wet = PruneRun(as_of=LATER, mode="dry-run"), PruneRun(as_of=LATER, mode="prune")

        prune_prefect(settings, dry)
        assert tables_with(databases, "prefect_db", flow_run) == held
        prune_prefect(settings, PruneRun(as_of=date.today(), mode="prune"))
        assert left(flow_run) == (1, 1), "what is not old stays"
        prune_prefect(settings, wet)

        assert counted(settings, dry) == counted(settings, wet)
        assert counted(settings, wet)[LOGS] == found[0]
        # Prefect removes its events by itself, after a week.
        assert tables_with(databases, "prefect_db", flow_run) <= {"events", "event_resources"}
        again = PruneRun(as_of=LATER, mode="prune")
        prune_prefect(settings, again)
        assert set(counted(settings, again).values()) == {0}

        # As of every other write, a page of somebody else's has no token.
        refused = httpx.delete(f"{api}/kpi/old-logs", params={"before": "2026-01-01"})
        assert (refused.status_code, refused.json()) == (403, {"detail": "Missing CSRF token."})
        assert httpx.get(f"{api}/kpi/old-logs", params={"before": "old"}).status_code == 422


@pytest.mark.usefixtures("db")
def test_mlflow_s_server_forgets_deleted_runs_and_nothing_of_others(
    settings: Settings, databases: PostgresServer, tmp_path: Path
) -> None:
    with mlflow_on(databases, tmp_path) as address:
        settings = settings.model_copy(update={"mlflow_tracking_uri": address})
        client = mlflow_client(settings)
        ours, theirs = client.create_experiment(EXPERIMENT), client.create_experiment("theirs")
        old, deleted, kept = (_trained(client, ours) for _ in range(3))
        stranger = _trained(client, theirs)
        (model,) = client.search_logged_models([ours], filter_string=f"source_run_id = '{kept}'")
        version = register_version(client, f"models:/{model.model_id}", kept, "")
        client.set_registered_model_alias("churn-model", "production", version)
        for run in (deleted, stranger):
            client.delete_run(run)
        client.delete_experiment(theirs)
        dry, wet = PruneRun(as_of=LATER, mode="dry-run"), PruneRun(as_of=LATER, mode="prune")

        prune_mlflow(settings, PruneRun(as_of=date.today(), mode="prune"))
        prune_mlflow(settings, dry)
        for run in (old, deleted, kept, stranger):
            assert tables_with(databases, "mlflow_db", run) >= {"runs", "logged_models"}
        prune_mlflow(settings, wet)

        assert counted(settings, dry) == counted(settings, wet)
        assert counted(settings, wet)[RUNS] == 2
        for run in (old, deleted):
            assert tables_with(databases, "mlflow_db", run) == set()
        files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
        assert not [path for path in files if old in str(path) or deleted in str(path)]
        assert client.list_artifacts(kept)
        client.restore_experiment(theirs)
        client.restore_run(stranger)
        assert client.list_artifacts(stranger)
        again = PruneRun(as_of=LATER, mode="prune")
        prune_mlflow(settings, again)
        assert set(counted(settings, again).values()) == {0}

        # Who asks for a run that nobody deleted gets nothing.
        asked = httpx.post(f"{address}/kpi/deleted-runs", json={"run_ids": [kept, "unknown"]})
        assert asked.json() == {"forgotten": 0}
        assert httpx.post(f"{address}/kpi/deleted-runs", json=[]).status_code == 422
        page = {"Origin": "https://example.com"}
        path = f"{address}/kpi/deleted-runs"
        assert httpx.post(path, json={"run_ids": []}, headers=page).status_code == 403


def _trained(client: mlflow.MlflowClient, experiment: str) -> str:
    """A run that ended, with a file and a model."""
    run = str(client.create_run(experiment).info.run_id)
    client.log_text(run, "of users", "training_users.json")
    client.create_logged_model(experiment, name="model", source_run_id=run)
    client.set_terminated(run)
    return run
