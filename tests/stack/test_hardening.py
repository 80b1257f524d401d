"""How each container is run."""

from typing import Any

from compose.stack.settings.passwords import SECRETS, STORE_SECRETS
from tests.stack.stack import Stack, docker

ALL_SECRETS = {**SECRETS, **STORE_SECRETS}
MACHINE = 16 * 2**30
# What the system itself and the engine need of it.
RESERVE = 2**30

# Who may do more than nothing, and why is said in compose.yaml.
CAPABILITIES = {"minio-folder": ["CAP_CHOWN"], "pgadmin": ["CAP_NET_BIND_SERVICE"]}
ROOT = {"minio-folder"}
WRITABLE = {"pgadmin"}
JOBS = {"airflow-migrate", "buckets", "databases", "deployments", "minio-folder"}


def by_service(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return what the engine knows of each service's container."""
    return {
        container["Config"]["Labels"]["com.docker.compose.service"]: container
        for container in stack.containers()
    }


def test_every_service_is_up_and_well_and_every_job_is_done(stack: Stack) -> None:
    found = by_service(stack)

    assert len(found) == 22
    for name, container in found.items():
        state = container["State"]
        if name in JOBS:
            assert (name, state["Status"], state["ExitCode"]) == (name, "exited", 0)
        else:
            assert (name, state["Health"]["Status"]) == (name, "healthy")
            assert container["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


def test_no_service_may_do_more_than_it_needs(stack: Stack) -> None:
    for name, container in by_service(stack).items():
        host = container["HostConfig"]
        assert host["CapDrop"] == ["ALL"], name
        assert sorted(host["CapAdd"] or []) == CAPABILITIES.get(name, []), name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["ReadonlyRootfs"] is (name not in WRITABLE), name
        assert not host["Privileged"], name


def test_no_service_runs_as_root(stack: Stack) -> None:
    for name, container in by_service(stack).items():
        user, _, group = container["Config"]["User"].partition(":")
        assert (user in ("", "0", "root")) is (name in ROOT), name
        assert group not in ("0", "root"), name


def test_no_password_is_seen_among_processes(stack: Stack) -> None:
    secrets = [stack.values[name] for name in ALL_SECRETS]
    for name, container in by_service(stack).items():
        started = [container["Config"]["Cmd"], container["Config"].get("Healthcheck")]
        assert not any(secret in str(started) for secret in secrets), name
        if container["State"]["Running"]:
            processes = docker("top", container["Id"])
            assert not any(secret in processes for secret in secrets), name


def test_a_service_knows_only_the_passwords_that_it_needs(stack: Stack) -> None:
    knows = {
        name: {
            secret
            for secret in ALL_SECRETS
            if stack.values[secret] in str(container["Config"]["Env"])
        }
        for name, container in by_service(stack).items()
    }

    warehouse = {name for name in knows if "CRYPTO_DB_PASSWORD" in knows[name]}
    assert warehouse == {"airflow-worker", "databases", "deployments", "worker"}
    assert {name for name in knows if "POSTGRES_PASSWORD" in knows[name]} == {
        "databases",
        "postgres",
    }
    assert {name for name in knows if "S3_SECRET_ACCESS_KEY" in knows[name]} == {"buckets", "minio"}
    assert {name for name in knows if "S3_RUNS_SECRET_ACCESS_KEY" in knows[name]} == {
        *("airflow-worker", "buckets", "deployments", "worker")
    }
    assert knows["jupyter"] == {"ANALYST_DB_PASSWORD", "JUPYTER_TOKEN", "SPARK_SECRET"}
    assert knows["app"] == {"APP_DB_PASSWORD", "S3_APP_SECRET_ACCESS_KEY"}
    assert knows["airflow-retention"] == {"AIRFLOW_DB_PASSWORD"}
    assert knows["metrics"] == {"METRICS_DB_PASSWORD"}
    assert knows["mlflow"] == {"MLFLOW_DB_PASSWORD", "S3_MLFLOW_SECRET_ACCESS_KEY"}
    assert knows["spark-master"] == knows["spark-worker"] == {"SPARK_SECRET"}


def test_a_file_of_ones_own_is_laid_over_ours(stack: Stack) -> None:
    assert by_service(stack)["app"]["Config"]["Labels"]["laid-over"] == "yes"


def test_logs_are_rotated(stack: Stack) -> None:
    for name, container in by_service(stack).items():
        log = container["HostConfig"]["LogConfig"]
        assert log["Config"] == {"max-file": "3", "max-size": "10m"}, name


def test_memory_limits_fit_the_machine(stack: Stack) -> None:
    limits = {
        name: container["HostConfig"]["Memory"] for name, container in by_service(stack).items()
    }

    assert min(limits.values()) > 0
    # Jobs have ended before what waits for them starts.
    assert sum(limits[name] for name in limits if name not in JOBS) <= MACHINE - RESERVE
