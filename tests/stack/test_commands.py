"""The targets of the Makefile on the running platform, as docs/containers.md shows them."""

import re

from tests.stack.stack import Stack


def test_the_warehouse_is_asked_as_its_owner(ran: Stack) -> None:
    query = "SELECT current_user, count(*) > 0 FROM prod.bt_crypto_events"
    assert "crypto|t" in ran.make("psql", ARGS=f"-tAc '{query}'")


def test_data_docs_are_made_anew(ran: Stack) -> None:
    said = ran.make("data-docs")
    assert re.search(r"Data Docs show the newest \d+ of \d+ validation results: http", said)


def test_what_must_have_happened_has(ran: Stack) -> None:
    said = ran.make("check-platform")
    assert "ok    crypto_events: the last success is of" in said
    assert "ok    1 Prefect worker heard of" in said


def test_containers_and_their_logs_are_shown(stack: Stack) -> None:
    said = stack.make("ps")
    assert "postgres" in said
    assert "Exited (0)" in said
    said = stack.make("logs", SERVICE="spark-master")
    assert "INFO Master: " in said  # the last lines, whatever ran before
    assert "postgres-1" not in said


def test_deployments_are_registered_again(stack: Stack) -> None:
    assert "Deployed to http://prefect:4200/api" in stack.make("deploy")
    # What Prefect makes of prefect.yaml takes ten seconds, and an image is read-only.
    kept = stack.compose("exec", "-T", "worker", "ls", "/var/lib/kpi/prepared")
    assert kept.split("-")[0] == "deployments"


def test_a_second_start_changes_nothing(stack: Stack) -> None:
    before = [container["Id"] for container in stack.containers() if container["State"]["Running"]]
    said = stack.make("up", BUILD="0")
    after = [container["Id"] for container in stack.containers() if container["State"]["Running"]]

    assert before == after
    assert stack.address("STREAMLIT") in said
    assert "AIRFLOW_ADMIN_PASSWORD in" in said
    assert stack.values["AIRFLOW_ADMIN_PASSWORD"] not in said
