"""What `make up` writes of itself, because it follows from where the servers are."""

import pytest

from compose.stack.settings.elsewhere import with_what_is_elsewhere
from compose.stack.settings.environment import assignments, example, first_text, with_value
from compose.stack.settings.passwords import STORE_SECRETS

ON_AWS = with_value(first_text(), "S3_ENDPOINT_URL", "")


def written(**values: str) -> dict[str, str]:
    """What stands in a new file in which somebody set these variables."""
    text = first_text()
    for name, value in values.items():
        text = with_value(text, name, value)
    return assignments(with_what_is_elsewhere(text))


@pytest.mark.parametrize(
    ("name", "value", "servers", "authenticate", "lead_out"),
    [
        ("POSTGRES_ADDRESS", "postgres:5432", "1", "true", "false"),
        ("POSTGRES_ADDRESS", "db.example.com:5432", "0", "true", "true"),
        ("S3_ENDPOINT_URL", "", "1", "true", "true"),
        ("SPARK_MASTER_URL", "spark://spark-master:7077", "1", "true", "false"),
        ("SPARK_MASTER_URL", "local[2]", "1", "true", "false"),
        ("SPARK_MASTER_URL", "spark://cluster.example.com:7077", "1", "false", "true"),
    ],
)
def test_what_follows_from_an_address(
    name: str, value: str, servers: str, authenticate: str, lead_out: str
) -> None:
    found = written(**{name: value})

    assert found["POSTGRES_SERVERS"] == servers
    assert found["SPARK_AUTHENTICATE"] == authenticate
    assert found["NETWORKS_LEAD_OUT"] == lead_out
    assert found["MINIO_SERVERS"] == ("0" if name == "S3_ENDPOINT_URL" else "1")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("process", "1", "1"),
        ("process", "3", "3"),
        ("docker", "3", "0"),
        ("kubernetes", "1", "0"),
        ("process", "0", "1"),
    ],
)
def test_workers_of_the_platform_are_there_for_processes(
    kind: str, before: str, after: str
) -> None:
    found = written(PREFECT_WORK_POOL_TYPE=kind, PREFECT_WORKERS=before)

    assert found["PREFECT_WORKERS"] == after
    assert found["NETWORKS_LEAD_OUT"] == "false"


def test_each_service_gets_a_user_of_minio() -> None:
    found = written()

    assert {
        found[name.replace("SECRET_ACCESS_KEY", "ACCESS_KEY_ID")] for name in STORE_SECRETS
    } == {*("kpi-airflow", "kpi-app", "kpi-backup", "kpi-mlflow", "kpi-runs")}
    secrets = {found[name] for name in STORE_SECRETS}
    assert len(secrets) == len(STORE_SECRETS)
    assert found["S3_SECRET_ACCESS_KEY"] not in secrets
    assert [STORE_SECRETS[name].fault(found[name]) for name in STORE_SECRETS] == [None] * 5


def test_an_older_file_gets_the_users_and_keeps_the_root_key() -> None:
    older = "S3_SECRET_ACCESS_KEY=as-it-has-been\nPOSTGRES_PORT=5433\n"

    newer = with_what_is_elsewhere(older)

    assert newer.startswith(older)
    assert set(STORE_SECRETS) < set(assignments(newer))
    assert with_what_is_elsewhere(newer) == newer


def test_an_older_file_of_another_store_keeps_its_one_key() -> None:
    found = assignments(with_what_is_elsewhere("S3_ENDPOINT_URL=\nS3_ACCESS_KEY_ID=AKIAEXAMPLE\n"))

    assert (found["S3_USERS"], found["S3_ACCESS_KEY_ID"]) == ("own", "AKIAEXAMPLE")
    assert {found[name] for name in STORE_SECRETS} == {""}


def test_who_moves_to_another_store_leaves_minio_s_keys_behind() -> None:
    in_minio = with_what_is_elsewhere(first_text())

    found = assignments(with_what_is_elsewhere(with_value(in_minio, "S3_ENDPOINT_URL", "")))

    assert {found[name] for name in STORE_SECRETS} == {""}


def test_keys_of_ones_own_stay() -> None:
    text = with_what_is_elsewhere(ON_AWS)
    for name, value in (("ACCESS_KEY_ID", "AKIAAPP"), ("SECRET_ACCESS_KEY", "wJal/rXUtn+FEMI")):
        text = with_value(text, f"S3_APP_{name}", value)

    assert with_what_is_elsewhere(text) == text


def test_the_example_is_what_follows_from_its_addresses() -> None:
    found = assignments(with_what_is_elsewhere(example()))

    differs = {name for name, value in assignments(example()).items() if found[name] != value}
    assert differs == {
        *STORE_SECRETS,
        *(name.replace("SECRET_ACCESS_KEY", "ACCESS_KEY_ID") for name in STORE_SECRETS),
    }
