"""What compose/.env may not say."""

from pathlib import Path

import certifi
import pytest

from compose.stack.images import copy_certificate
from compose.stack.settings.values import certificate, values_are_usable
from compose.stack.speech import Refusal
from tests.compose.stack_tool import FILE


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("REDIS_PASSWORD", "", "REDIS_PASSWORD in compose/.env is empty: give it a value"),
        ("REDIS_PASSWORD", "redis", "REDIS_PASSWORD in compose/.env needs at least 12 signs"),
        ("SPARK_WORKERS", "two", "SPARK_WORKERS in compose/.env is 'two': it is a whole number"),
        ("AIRFLOW_WORKERS", "0", "AIRFLOW_WORKERS in compose/.env is '0': it is a whole number"),
        ("PREFECT_WORKERS", "-1", "PREFECT_WORKERS in compose/.env is '-1': it is a whole number"),
        ("PREFECT_WORK_POOL_TYPE", "ecs", "is 'ecs': choose among process, docker, kubernetes."),
        ("SPARK_WORKERS", "0", "SPARK_WORKERS in compose/.env is '0': it is a whole number"),
        ("SPARK_WORKERS", "", "SPARK_WORKERS in compose/.env is '': it is a whole number"),
        ("KPI_PATIENCE_SECONDS", "1m", "KPI_PATIENCE_SECONDS in compose/.env is '1m': it is a"),
        ("SPARK_WORKER_MEMORY", "lots", "is 'lots': it is a number of megabytes or gigabytes"),
        ("SPARK_WORKER_LIMIT", "1g", "SPARK_WORKER_MEMORY in compose/.env is more than SPARK_WO"),
        ("KPI_TIME_ZONE", "Mars", "KPI_TIME_ZONE in compose/.env is 'Mars': it is a name as UTC"),
        (
            "KPI_RETENTION__MOOD",
            "prune",
            "KPI_RETENTION__MOOD in compose/.env reaches no con",
        ),
        ("OPENLINEAGE_CONFIG", "x.yml", "OPENLINEAGE_CONFIG in compose/.env reaches no container"),
        ("KPI_DATABASE_URL", "postgresql://", "KPI_DATABASE_URL in compose/.env reaches no contai"),
        ("COMPOSE_FILE", "compose.yaml:mine.yaml", "names 'mine.yaml', and there is no such file"),
        ("COMPOSE_PROJECT_NAME", "My Project", "is 'My Project': it may have small letters"),
        ("CHURN_SOURCE", "../nowhere", "CHURN_SOURCE in compose/.env is '../nowhere', and "),
        ("POSTGRES_ADDRESS", "db.example.com", "is 'db.example.com': name a server as HOST:PORT"),
        ("POSTGRES_ADMINISTRATOR", "a@b", "POSTGRES_ADMINISTRATOR in compose/.env may only have"),
        ("POSTGRES_ADMINISTRATOR", "dba", "is dba: the platform's own PostgreSQL has postgres."),
        ("POSTGRES_SSLMODE", "on", "is 'on': choose among disable, prefer, require, verify-ca"),
        ("POSTGRES_SSLMODE", "require", "is require, and the platform's own PostgreSQL speaks no"),
        ("POSTGRES_SSLMODE", "verify-full", "POSTGRES_SSLROOTCERT in compose/.env belongs to"),
        ("POSTGRES_SSLROOTCERT", "/ca.crt", "POSTGRES_SSLROOTCERT in compose/.env belongs to"),
        ("S3_USERS", "all", "S3_USERS in compose/.env is 'all': choose between minio and own."),
        ("S3_APP_ACCESS_KEY_ID", "app", "Set both S3_APP_ACCESS_KEY_ID and S3_APP_SECRET_ACCESS_"),
        ("EXTRA_CA_CERTIFICATE", "absent.pem", "absent.pem No such file or directory; name a PEM"),
    ],
)
def test_a_value_that_cannot_be_used(
    name: str, value: str, sentence: str, values: dict[str, str]
) -> None:
    values_are_usable(values, FILE)
    values[name] = value

    with pytest.raises(Refusal) as refused:
        values_are_usable(values, FILE)
    assert sentence in str(refused.value)


def test_a_setting_may_be_passed_on_by_a_file_of_ones_own(
    values: dict[str, str], tmp_path: Path
) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text("services: {worker: {environment: {KPI_OF_MINE: }}}\n")
    values |= {"KPI_OF_MINE": "1", "KPI_RETENTION__MODE": "prune"}

    with pytest.raises(Refusal, match=r"KPI_OF_MINE in .* reaches no container"):
        values_are_usable(values, FILE)
    values_are_usable(values | {"COMPOSE_FILE": f"compose.yaml:{own}"}, FILE)


def test_a_machine_that_aws_gives_keys_to_needs_none(values: dict[str, str]) -> None:
    values |= {"S3_ACCESS_KEY_ID": "", "S3_SECRET_ACCESS_KEY": ""}
    with pytest.raises(Refusal, match=r"S3_SECRET_ACCESS_KEY in .* is empty"):
        values_are_usable(values, FILE)

    values_are_usable(values | {"S3_ENDPOINT_URL": ""}, FILE)
    with pytest.raises(Refusal, match=r"S3_SECRET_ACCESS_KEY in .* is empty"):
        values_are_usable(values | {"S3_ENDPOINT_URL": "", "S3_ACCESS_KEY_ID": "AKIA"}, FILE)


def test_an_executor_that_no_worker_of_the_platform_could_give(values: dict[str, str]) -> None:
    values["SPARK_EXECUTOR_MEMORY"] = "2g"
    values_are_usable(values, FILE)

    values["SPARK_MASTER_URL"] = "spark://spark-master:7077"
    with pytest.raises(
        Refusal, match=r"SPARK_EXECUTOR_MEMORY in compose/\.env is more than SPARK_W"
    ):
        values_are_usable(values, FILE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x30\x82\x01\x00",
        b"-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_certificate_that_is_none(content: bytes, values: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "company.pem"
    path.write_bytes(content)
    values["EXTRA_CA_CERTIFICATE"] = str(path)

    with pytest.raises(Refusal, match=r"company\.pem is no PEM certificate; name a PEM file"):
        values_are_usable(values, FILE)


def test_a_certificate_is_copied_for_the_builds(values: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "certificates" / "extra.crt"
    copy_certificate(certificate(values), target)
    assert not target.exists()

    values["EXTRA_CA_CERTIFICATE"] = certifi.where()
    values_are_usable(values, FILE)
    copy_certificate(certificate(values), target)

    assert target.read_bytes() == Path(certifi.where()).read_bytes()

    values["EXTRA_CA_CERTIFICATE"] = ""
    copy_certificate(certificate(values), target)
    assert not target.exists()
