"""`kpi doctor` checks the installation and says what to do."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.commands.operations.doctor import warehouse as warehouse_checks
from flows.local.postgres.shared import embedded_server
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings, load_settings
from tests.environment.foreign_variables import FOREIGN
from tests.s3_endpoint import client_of, s3_endpoint

Kpi = Callable[..., Any]


def test_all_is_well(warehouse: Settings, kpi: Kpi) -> None:
    said = kpi("doctor")

    assert (said.code, said.err) == (0, "")
    assert {line[:6] for line in said.out.splitlines()} == {"ok    "}
    for told in (
        "Python 3",
        "great-expectations 1.24",
        "GB free",
        "Java 17",
        "answers",
        "role kpi, text as UTF8",
        "as here",
        "rights: may write all tables",
        "MLflow: a database in the home",
        "Prefect: in each command's own process",
        "storage: a folder in the home",
        "Spark: local[*]",
    ):
        assert told in said.out
    assert "migrations: up to date" in said.out
    assert str(warehouse.home) in said.out
    assert not warehouse.home.exists()


@pytest.mark.usefixtures("warehouse")
def test_programs_read_every_finding_as_a_row(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_SPARK_MASTER_URL", "spark://127.0.0.1:1")

    said = kpi("doctor", "--format", "json")
    table = kpi("doctor", "--format", "csv")
    people = kpi("doctor")

    rows = json.loads(said.out)
    assert (said.code, table.code) == (1, 1)
    assert said.sentence == "kpi: Not everything is in place: do what the rows that are not ok say."
    assert [row["check"] for row in rows if not row["ok"]] == ["spark"]
    assert {"python", "warehouse", "mlflow", "prefect"} <= {row["check"] for row in rows}
    lines = [f"{'ok' if row['ok'] else 'FAIL':6}{row['text']}" for row in rows]
    changes = "GB free"
    assert [line for line in people.out.splitlines() if changes not in line] == [
        line for line in lines if changes not in line
    ]
    head, *cells = csv.reader(table.out.splitlines())
    assert head == ["check", "ok", "text"]
    assert [row[0] for row in cells] == [row["check"] for row in rows]
    assert cells[-1][:2] == ["spark", "false"]


def test_all_is_well_without_any_setting_and_the_server_is_stopped(kpi: Kpi) -> None:
    server = embedded_server(load_settings())
    try:
        said = kpi("doctor")
        assert said.code == 0
        assert f"ok    warehouse: embedded, in {server.folder}" in said.out
        assert "ok    migrations: 0001_crypto_events" in said.out
        assert not server.running
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("JAVA_TOOL_OPTIONS", "-XX:NoSuchOption", "Correct or unset JAVA_TOOL_OPTIONS"),
        ("REQUESTS_CA_BUNDLE", "/nowhere.pem", "REQUESTS_CA_BUNDLE names /nowhere.pem, which does"),
        ("KPI_TIME_ZONE", "Mars", "'Mars' is no time zone, for example UTC"),
        ("KPI_DATABASE_URL", "postgresql://kpi:db-secret@127.0.0.1:1/db", "Check KPI_DATABASE_URL"),
        ("KPI_MLFLOW_TRACKING_URI", "http://127.0.0.1:1", "MLflow does not answer at http://"),
        (
            "PREFECT_API_URL",
            "http://me:db-secret@127.0.0.1:1/api",
            "does not answer at http://127.",
        ),
        ("KPI_SPARK_MASTER_URL", "spark://127.0.0.1:1", "No Spark master listens at spark://127."),
    ],
)
def test_what_fails_is_told_once_and_the_rest_is_checked(
    name: str, value: str, advice: str, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    said = kpi("doctor")

    assert said.code == 1
    (failure,) = [line for line in said.out.splitlines() if line.startswith("FAIL")]
    assert advice in failure
    assert "ok    packages" in said.out
    assert said.err == "kpi: Not everything is in place: do what the lines with FAIL say.\n"
    assert "db-secret" not in said.out


@pytest.mark.usefixtures("warehouse")
def test_missing_buckets_are_told(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_endpoint("airflow-logs", "ge-artifacts", "kpi-runs") as s3:
        assert s3.secret_access_key
        monkeypatch.setenv("KPI_STORAGE", "s3")
        monkeypatch.setenv("KPI_S3__ENDPOINT_URL", str(s3.endpoint_url))
        monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", str(s3.access_key_id))
        monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", s3.secret_access_key.get_secret_value())
        said = kpi("doctor")
        client_of(s3).create_bucket(Bucket="mlflow-artifacts")
        then = kpi("doctor")
        client_of(s3).delete_bucket(Bucket="mlflow-artifacts")

    assert said.code == 1
    assert "FAIL  No bucket mlflow-artifacts: run kpi prepare buckets." in said.out
    assert then.code == 0
    assert f"storage: S3 answers at {s3.endpoint_url}, and has every bucket" in then.out


@pytest.mark.usefixtures("warehouse")
def test_a_clock_that_is_far_off_is_told(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse_checks, "_CLOCK_SECONDS", -1)

    said = kpi("doctor")

    assert said.code == 1
    assert "FAIL  The clocks of this machine and of the warehouse are 0 s apart" in said.out


@pytest.mark.usefixtures("warehouse")
def test_variables_of_other_programs_are_told(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGSSLMODE", "disable")  # obeyed, and this server has no certificate

    said = kpi("doctor")

    assert said.code == 0
    told = {line.split()[2].rstrip(":") for line in said.out.splitlines() if "variable " in line}
    assert told >= set(FOREIGN)
    assert "variable SPARK_HOME: set aside" in said.out


@pytest.mark.usefixtures("warehouse")
def test_a_variable_that_is_nearly_a_setting_is_told(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("KPI_CRYPT__SITES=x\n")
    monkeypatch.setenv("KPI_DATABSE_URL", "x")
    monkeypatch.setenv("KPI_COMMAND", "the stack's own")

    said = kpi("doctor")

    assert said.code == 1
    assert (
        "FAIL  No setting is called KPI_CRYPT__SITES, but KPI_CRYPTO is; KPI_DATABSE_URL, but "
        "KPI_DATABASE_URL is. Correct it, or unset it"
    ) in said.out


def test_a_home_that_cannot_be_written_is_told(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "postgres").touch()
    monkeypatch.setenv("KPI_HOME", str(tmp_path))

    said = kpi("doctor")

    assert said.code == 1
    assert "set KPI_HOME to another folder" in said.out


@pytest.mark.usefixtures("warehouse")
def test_migrations_of_another_version_are_told(kpi: Kpi, db: Connection) -> None:
    db.execute("DELETE FROM dqm.schema_migrations WHERE version LIKE '0002%'")
    pending = kpi("doctor")
    db.execute("INSERT INTO dqm.schema_migrations (version, checksum) VALUES ('9999_later', '')")
    newer = kpi("doctor")

    assert "migrations: 0002_seed_crypto_history at the next run" in pending.out
    assert (pending.code, newer.code) == (0, 1)
    assert "FAIL  The warehouse has migration 9999_later" in newer.out
    assert "Update the code" in newer.out


def test_a_java_that_is_none_is_told(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KPI_JAVA_HOME", str(tmp_path))

    said = kpi("doctor")

    assert said.code == 1
    assert f"FAIL  KPI_JAVA_HOME is {tmp_path}, which holds no bin/java." in said.out
