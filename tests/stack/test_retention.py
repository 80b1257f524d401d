"""What is old goes in containers, too: from servers whose databases the worker does not reach."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tests.stack.stack import SETTING, Stack
from tests.stack.test_hardening import by_service

OLD = datetime.now(UTC) - timedelta(days=400)
EXPERIMENT = "churn_retention"
CLEAN = "from deployments.airflow.clean_daily import clean; raise SystemExit(not clean())"


def test_a_setting_of_the_environment_file_reaches_who_reads_it(stack: Stack) -> None:
    has = {
        name
        for name, container in by_service(stack).items()
        if f"{SETTING}=80" in container["Config"]["Env"]
    }
    assert has == {
        *("airflow-worker", "app", "buckets", "databases", "deployments", "metrics", "worker")
    }


def test_old_logs_of_prefect_and_deleted_runs_of_mlflow_go(stack: Stack) -> None:
    prefect = stack.database_url("prefect", stack.values["PREFECT_DB_PASSWORD"], "prefect_db")
    with psycopg.connect(prefect, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO log (name, level, message, timestamp) VALUES"
            " ('flow', 20, 'old', now() - interval '81 days'), ('flow', 20, 'new', now())"
        )
        mlflow = MlflowClient(stack.address("MLFLOW"))
        found = mlflow.get_experiment_by_name(EXPERIMENT)
        experiment = found.experiment_id if found else mlflow.create_experiment(EXPERIMENT)
        ended = int(OLD.timestamp() * 1000)
        run = mlflow.create_run(experiment, start_time=ended).info.run_id
        mlflow.set_terminated(run, end_time=ended)
        mlflow.delete_run(run)

        stack.compose("exec", "-T", "worker", "kpi", "prune", "--dry-run")
        assert mlflow.get_run(run)
        assert lines(connection) == {"old", "new"}
        stack.compose("exec", "-T", "worker", "kpi", "prune")

        assert lines(connection) == {"new"}
        with pytest.raises(MlflowException, match="not found"):
            mlflow.get_run(run)
    places = {place for (place,) in stack.rows("SELECT place FROM dqm.prunings WHERE rows > 0")}
    assert places >= {"Prefect logs", "MLflow runs"}


def lines(connection: "psycopg.Connection[tuple[str]]") -> set[str]:
    query = "SELECT message FROM log WHERE message IN ('old', 'new')"
    return {message for (message,) in connection.execute(query)}


def test_airflow_s_database_is_cleaned_where_it_is_reached(stack: Stack) -> None:
    told = stack.compose("exec", "-T", "airflow-retention", "python", "-c", CLEAN)
    assert "Performing dry run for table dag_run" in told
