"""Which documented settings reach what runs in containers, and which are given there."""

import json
import re
from typing import Any

import pytest
import yaml

from compose.stack.settings.environment import example, settings
from docs.generate import default_of, variables
from flows.paths import REPOSITORY

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8")
)["services"]
DOCUMENTED = {name: default_of(field) for name, field, _ in variables()}

# Whoever reads settings there: runs, what prepares them, and what shows them.
READERS = ("airflow-worker", "app", "buckets", "databases", "deployments", "metrics", "worker")

# Why a person cannot set it by its own name in containers.
GIVEN = {
    "KPI_ALLOWED_HOSTS": "a variable of compose/.env, with the services' own names",
    "KPI_APP_COMMANDS": "people say make there",
    "KPI_APP_URL": "APP_URL",
    "KPI_CHECK__BACKUP_FILE": "the check of a hosted machine brings it",
    "KPI_CHECK__BACKUP_HOURS": "the same",
    "KPI_CHECK__CERTIFICATE": "the same",
    "KPI_CHECK__WORKERS": "PREFECT_WORKERS",
    "KPI_CHURN__SOURCE": "CHURN_SOURCE, which is mounted",
    "KPI_CONNECTIONS": "each service has its own keys, in its environment",
    "KPI_DATABASE_URL": "POSTGRES_ADDRESS, and a role for each service",
    "KPI_EVENT_LISTENER": "Airflow's tasks say it themselves",
    "KPI_FORGET_KEY": "FORGET_KEY",
    "KPI_HOME": "a volume",
    "KPI_JAVA_HOME": "in the image",
    "KPI_MLFLOW_TRACKING_URI": "the service mlflow",
    "KPI_MLFLOW_UI_URL": "MLFLOW_URL",
    "KPI_PATIENCE_SECONDS": "a variable of compose/.env, of more than runs",
    "KPI_PREFECT_DATABASE_URL": "the service prefect alone reaches it",
    "KPI_PREFECT_JOB_TEMPLATE": "a file that only a file of one's own can mount",
    "KPI_PREFECT_WORK_POOL_TYPE": "PREFECT_WORK_POOL_TYPE",
    "KPI_S3__ACCESS_KEY_ID": "S3_…_ACCESS_KEY_ID, one for each service",
    "KPI_S3__BUCKET_PREFIX": "S3_BUCKET_PREFIX",
    "KPI_S3__ENDPOINT_URL": "S3_ENDPOINT_URL",
    "KPI_S3__REGION": "S3_REGION",
    "KPI_S3__SECRET_ACCESS_KEY": "S3_…_SECRET_ACCESS_KEY, one for each service",
    "KPI_SPARK_AUTHENTICATE": "SPARK_AUTHENTICATE",
    "KPI_SPARK_DRIVER_BY_NAME": "containers have several networks",
    "KPI_SPARK_EXECUTOR_MEMORY": "SPARK_EXECUTOR_MEMORY",
    "KPI_SPARK_HADOOP_CONF": "a folder that only a file of one's own can mount",
    "KPI_SPARK_MASTER_URL": "SPARK_MASTER_URL",
    "KPI_SPARK_S3A_JARS": "in the image",
    "KPI_STORAGE": "always S3",
    "KPI_TIME_ZONE": "a variable of compose/.env, of more than runs",
    "KPI_WEBHOOK_URL": "a variable of compose/.env, for runs alone",
    **{name: "roles and users" for name in DOCUMENTED if name.startswith("KPI_PREPARE__")},
}
# Of the client's own variables, those that a value says; the others name files.
OF_LINEAGE = (
    "OPENLINEAGE_URL",
    "OPENLINEAGE_API_KEY",
    "OPENLINEAGE_NAMESPACE",
    "OPENLINEAGE_DISABLED",
)
RUNS = ("airflow-worker", "deployments", "worker")
SETTABLE = [name for name in DOCUMENTED if name not in GIVEN]


def test_what_cannot_be_set_is_documented() -> None:
    assert set(GIVEN) <= set(DOCUMENTED)


def test_the_example_has_every_other_setting_with_its_default() -> None:
    lines = [line for line in example().splitlines() if line.startswith("# KPI_")]
    assert lines == [f"# {name}={DOCUMENTED[name]}" for name in SETTABLE]


@pytest.mark.parametrize("service", READERS)
def test_a_setting_reaches_whoever_reads_it(service: str) -> None:
    environment = SERVICES[service]["environment"]
    # Compose takes what has no value from compose/.env, and leaves out what is not there either.
    passed = {name for name, value in environment.items() if value is None}
    own = {name for name in SETTABLE if environment.get(name) is not None}
    of_lineage = set(OF_LINEAGE) if service in RUNS else set()
    assert passed | own == set(SETTABLE) | of_lineage
    # What keeps the largest uploads at once below its limit.
    bounded = {"KPI_DUCKDB_MEMORY_MB", "KPI_DUCKDB_THREADS"} if service == "app" else set()
    assert own == bounded


def test_where_lineage_goes_is_a_variable_of_the_example() -> None:
    lines = [line for line in example().splitlines() if line.startswith("# OPENLINEAGE_")]
    assert [line[2:].partition("=")[0] for line in lines] == list(OF_LINEAGE)
    assert set(OF_LINEAGE) <= settings()


def test_jobs_elsewhere_get_it_with_the_other_settings() -> None:
    [copied] = re.findall(r"grep -E '(.+?)'", (REPOSITORY / "docs" / "scale.md").read_text("utf-8"))
    given = {name for name in SERVICES["deployments"]["environment"] if re.match(copied, name)}
    assert {*OF_LINEAGE, *SETTABLE, "SPARK_MASTER_URL"} <= given


def test_of_the_other_services_airflow_s_retention_alone_takes_two() -> None:
    takes = {
        name: {key for key, value in service.get("environment", {}).items() if value is None}
        for name, service in SERVICES.items()
        if name not in READERS
    }
    assert takes.pop("airflow-retention") == {
        "KPI_RETENTION__AIRFLOW_LOGS_DAYS",
        "KPI_RETENTION__MODE",
    }
    assert set().union(*takes.values()) == set()


def test_what_is_given_is_given_to_runs() -> None:
    environment = json.dumps(SERVICES["worker"]["environment"])
    for name in ("KPI_DATABASE_URL", "KPI_FORGET_KEY", "KPI_STORAGE", "KPI_WEBHOOK_URL"):
        assert f'"{name}"' in environment
