"""The platform without PostgreSQL and MinIO: a server and a store of this machine stand in.

The store is asked by role: no service has a key, and each gets one from what stands in for the
metadata of a machine of AWS. This folder comes first: the whole platform does not run beside it.
"""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
import yaml

from flows.local.postgres.server import PostgresServer
from flows.settings.servers import S3Settings
from tests.s3_endpoint import keys, s3_endpoint
from tests.stack.stack import Stack, docker, write_environment

PASSWORD = token_hex(20)
BUCKETS = ("airflow-logs", "ge-artifacts", "kpi-runs", "mlflow-artifacts")
PREFIX = "acme-"
# Java's client does not read the variable that Python's reads.
OF_JAVA = "com.amazonaws.sdk.ec2MetadataServiceEndpointOverride"
JAVA_OPTIONS = "spark.driver.defaultJavaOptions"
WHO_ASKS_THE_STORE = ("app", "buckets", "deployments", "mlflow", "worker")
RUNS = ["app", "metrics", "mlflow", "prefect", "worker"]


@pytest.fixture(scope="module")
def gateway() -> str:
    """The address of this machine for containers."""
    form = "{{(index .IPAM.Config 0).Subnet}}"
    subnet = ip_network(docker("network", "inspect", "bridge", "--format", form).strip())
    # The engine takes the first one; it tells so only once a container has run.
    return str(subnet[1])


@pytest.fixture(scope="module")
def server(
    postgres_binaries: Path, gateway: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    """A server of somebody else's, whose administrator is no superuser."""
    server = PostgresServer(
        binaries=postgres_binaries,
        folder=tmp_path_factory.mktemp("elsewhere"),
        settings={
            "fsync": "off",
            "listen_addresses": f"127.0.0.1,{gateway}",
            "max_connections": "200",
        },
    )
    server.start()
    try:
        with (server.data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(
                f"CREATE ROLE dba LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'".encode()
            )
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def store(gateway: str) -> Iterator[S3Settings]:
    """A store of somebody else's, which answers for a machine's metadata, too."""
    # It forgets only what it knows: its buckets are those that the platform makes.
    with s3_endpoint(*(f"{PREFIX}{name}" for name in BUCKETS), address=gateway) as s3:
        yield s3


@pytest.fixture(scope="module")
def elsewhere(
    gateway: str,
    server: PostgresServer,
    store: S3Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """The core, started by `make up`; nothing of it is left afterwards."""
    folder = tmp_path_factory.mktemp("stack-elsewhere")
    metadata = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": str(store.endpoint_url)}
    override = folder / "metadata.yaml"
    services = {name: {"environment": metadata} for name in WHO_ASKS_THE_STORE}
    override.write_text(yaml.safe_dump({"services": services}), encoding="utf-8")
    stack = Stack(folder / "platform.env")
    write_environment(stack.file, f"kpi-test-{token_hex(4)}", override)
    with stack.file.open("a", encoding="utf-8") as file:
        file.write(
            f"POSTGRES_ADDRESS={gateway}:{server.port}\n"
            "POSTGRES_ADMINISTRATOR=dba\n"
            f"POSTGRES_PASSWORD={PASSWORD}\n"
            f"S3_ENDPOINT_URL={store.endpoint_url}\n"
            "S3_ACCESS_KEY_ID=\n"
            "S3_SECRET_ACCESS_KEY=\n"
            f"S3_BUCKET_PREFIX={PREFIX}\n"
            f"KPI_SPARK_SHARED_STORAGE=s3a://{PREFIX}kpi-runs/spark\n"
            f"KPI_SPARK_OPTIONS={json.dumps({JAVA_OPTIONS: f'-D{OF_JAVA}={store.endpoint_url}'})}\n"
        )
    try:
        stack.make("up", PROFILE="core")
        yield stack
    finally:
        stack.make("destroy", FORCE="1")
    assert stack.left_behind() == []


def rows(server: PostgresServer, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.url("crypto_db")) as connection:
        return connection.execute(query.encode()).fetchall()


def test_nothing_of_postgres_and_minio_starts(elsewhere: Stack) -> None:
    services = [
        each["Config"]["Labels"]["com.docker.compose.service"] for each in elsewhere.containers()
    ]

    assert sorted(services) == sorted([*RUNS, "buckets", "databases", "deployments"])


def test_no_container_has_a_key_of_the_store(elsewhere: Stack) -> None:
    given = [line for each in elsewhere.containers() for line in each["Config"]["Env"]]

    assert not [line for line in given if "ACCESS_KEY" in line and not line.endswith("=")]


def test_a_run_publishes_and_leaves_its_files_there(
    elsewhere: Stack, server: PostgresServer, store: S3Settings
) -> None:
    assert "Completed" in elsewhere.make("crypto-run")

    [(active,)] = rows(server, "SELECT count(*) FROM prod.bt_crypto_events WHERE is_active")
    assert active >= 20
    found = keys(store, f"{PREFIX}ge-artifacts")
    assert "data_docs/index.html" in found
    assert any(key.startswith("validations/suite_staging_candidate/") for key in found)
    assert keys(store, f"{PREFIX}kpi-runs")


def test_a_training_promotes_and_leaves_its_model_there(
    elsewhere: Stack, server: PostgresServer, store: S3Settings
) -> None:
    elsewhere.complete("churn-training/on-change")

    promoted = rows(server, "SELECT version FROM dqm.bt_churn_promotions WHERE action = 'promoted'")
    assert promoted == [("1",)]
    assert any(key.endswith("MLmodel") for key in keys(store, f"{PREFIX}mlflow-artifacts"))

    # Spark read by s3a, with the image's own jars: no copy stays, but S3A's mark of the folder.
    found = keys(store, f"{PREFIX}kpi-runs")
    assert [key for key in found if key.startswith("spark")] == ["spark/"]
