"""Who reaches whom, from inside each container, and what each user of the object store may do."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from tests.compose.boundaries import NEEDS, PORTS, may_reach
from tests.s3_endpoint import client_of
from tests.stack.ask.inside import Place, addresses, answering
from tests.stack.stack import Stack
from tests.stack.test_hardening import by_service

# Not while a training runs, and the same for both: a health check of its own.
ON_LOOPBACK = {"worker"}
# What the stand-in of a store may lack.
OPTIONAL = {Place("minio", 9001)}

BUCKETS = ("airflow-logs", "ge-artifacts", "kpi-runs", "mlflow-artifacts")
KEYS = ("boundaries", "drift-reports/boundaries")
READS = {
    "AIRFLOW": {("airflow-logs", key) for key in KEYS},
    "APP": {("ge-artifacts", key) for key in KEYS} | {("mlflow-artifacts", KEYS[1])},
    "BACKUP": {(bucket, key) for bucket in BUCKETS for key in KEYS},
    "MLFLOW": {("mlflow-artifacts", key) for key in KEYS},
    "RUNS": {(bucket, key) for bucket in BUCKETS[:-1] for key in KEYS}
    | {("mlflow-artifacts", KEYS[1])},
}
WRITES = {**READS, "APP": set(), "BACKUP": set()}

ASK_THE_MASTER = (
    *(
        "spark-class",
        "org.apache.spark.deploy.Client",
        "kill",
        "spark://spark-master:7077",
        "nothing",
    ),
)
WITH_A_SECRET = ("--env", "JDK_JAVA_OPTIONS=-Dspark.authenticate=true")


@pytest.fixture(scope="module")
def containers(stack: Stack) -> dict[str, dict[str, Any]]:
    """What the engine knows of each container that runs."""
    return {name: found for name, found in by_service(stack).items() if name in NEEDS}


def needed(service: str) -> set[Place]:
    """Return what it asks by name."""
    return {Place(other, port) for other in NEEDS[service] for port in PORTS[other]} - OPTIONAL


def forbidden(service: str, containers: dict[str, dict[str, Any]]) -> set[Place]:
    """Return everything else, by name and by each address."""
    return {
        Place(host, port)
        for other in (PORTS.keys() - may_reach(service) - {service}) | (ON_LOOPBACK - {service})
        for host in (other, *addresses(containers[other]))
        for port in PORTS[other]
    }


@pytest.fixture(scope="module")
def answers(stack: Stack, containers: dict[str, dict[str, Any]]) -> dict[str, set[Place]]:
    """What answers each service: all are asked at once, for ten seconds pass where nothing does."""

    def asked(service: str) -> set[Place]:
        places = sorted(needed(service) | forbidden(service, containers))
        return answering(containers[service], stack.values["KPI_IMAGE"], places)

    with ThreadPoolExecutor(len(NEEDS)) as threads:
        return dict(zip(NEEDS, threads.map(asked, NEEDS), strict=True))


@pytest.mark.parametrize("service", NEEDS)
def test_a_service_reaches_whom_it_needs_by_name(
    service: str, answers: dict[str, set[Place]]
) -> None:
    assert needed(service) <= answers[service]


@pytest.mark.parametrize("service", NEEDS)
def test_a_service_reaches_nobody_else_by_name_or_address(
    service: str, answers: dict[str, set[Place]], containers: dict[str, dict[str, Any]]
) -> None:
    others = forbidden(service, containers)

    assert others
    assert answers[service] & others == set()


def test_the_cluster_answers_who_knows_its_secret(stack: Stack) -> None:
    # It knows no such run, which is no exception.
    with pytest.raises(AssertionError) as answered:
        stack.compose("exec", "-T", *WITH_A_SECRET, "jupyter", *ASK_THE_MASTER)
    assert "Exception" not in str(answered.value)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ((), "your client does not have SASL enabled"),
        ((*WITH_A_SECRET, "--env", "_SPARK_AUTH_SECRET=of-somebody-else"), "Mismatched response"),
    ],
    ids=["no secret", "another secret"],
)
def test_the_cluster_refuses_who_does_not_know_its_secret(
    options: tuple[str, ...], refusal: str, stack: Stack
) -> None:
    with pytest.raises(AssertionError, match=refusal):
        stack.compose("exec", "-T", *options, "jupyter", *ASK_THE_MASTER)


@pytest.mark.parametrize("user", READS)
def test_a_user_of_the_object_store_does_what_its_service_needs(user: str, stack: Stack) -> None:
    root = client_of(stack.s3)
    keys = stack.s3.model_copy(
        update={
            "access_key_id": stack.values[f"S3_{user}_ACCESS_KEY_ID"],
            "secret_access_key": SecretStr(stack.values[f"S3_{user}_SECRET_ACCESS_KEY"]),
        }
    )
    client = client_of(keys)
    done: dict[str, set[tuple[str, str]]] = {"read": set(), "write": set(), "delete": set()}
    for bucket in BUCKETS:
        for key in KEYS:
            root.put_object(Bucket=bucket, Key=key, Body=b"of the test")
            for name, operation in (
                ("read", client.get_object),
                ("write", client.put_object),
                ("delete", client.delete_object),
            ):
                if not refused(operation, Bucket=bucket, Key=key):
                    done[name].add((bucket, key))
            root.delete_object(Bucket=bucket, Key=key)

    assert done == {"read": READS[user], "write": WRITES[user], "delete": WRITES[user]}
    assert refused(client.create_bucket, Bucket="of-a-service")
    assert refused(client.delete_bucket, Bucket=BUCKETS[0])


def refused(operation: Any, **arguments: str) -> bool:
    """Whether the store refuses it for want of a right."""
    try:
        operation(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return True
    return False


def test_redis_and_the_master_of_spark_are_not_on_this_machine(stack: Stack) -> None:
    published = {
        port
        for container in stack.containers()
        for port, found in container["NetworkSettings"]["Ports"].items()
        if found
    }
    assert not {"6379/tcp", "7077/tcp"} & published
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", 7077), timeout=2)
