"""The local platform as people use it: a real server, worker, MLflow and app, from outside."""

import os
import signal
import stat
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from cryptography.fernet import Fernet

from docs.definitions import declared_deployments
from flows.local.machine import wait_until
from flows.local.services.definitions import address, ports
from flows.local.services.lifecycle import NAMES, platform_supervisor
from tests.local_platform import ENDED, PATIENCE, Platform, running_platform

pytestmark = pytest.mark.xdist_group("platform")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with everything, for the tests of this file."""
    with running_platform(tmp_path_factory.mktemp("platform") / "kpi") as platform:
        yield platform


def test_every_service_is_well_and_only_on_loopback(platform: Platform) -> None:
    lines = [line.split() for line in platform.kpi("status").splitlines()]

    assert [(line[0], line[1]) for line in lines] == [(name, "well") for name in NAMES]
    supervisor = platform_supervisor(platform.settings).pid
    processes = psutil.Process(supervisor).children(recursive=True)
    listening = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert "http://127.0.0.1" in platform.kpi("logs", "mlflow", "app")
    assert "Worker" in platform.kpi("logs", "worker")


@pytest.mark.parametrize("service", ["prefect", "mlflow", "app"])
def test_no_other_page_and_no_other_host_is_answered(platform: Platform, service: str) -> None:
    here = address(ports(platform.settings)[service])

    assert httpx.get(here).is_success
    for headers, status in (
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "elsewhere.example"}, 421),
    ):
        assert httpx.get(here, headers=headers).status_code == status
        assert httpx.post(here, headers=headers).status_code == status


def test_nobody_writes_to_prefect_without_its_token(platform: Platform) -> None:
    refused = httpx.post(f"{platform.prefect}/api/flows/", json={"name": "planted"})

    assert (refused.status_code, refused.json()["detail"]) == (403, "Missing CSRF token.")


def test_metrics_hear_of_that_server_and_of_its_worker(platform: Platform) -> None:
    at = address(ports(platform.settings)["metrics"])
    told = httpx.get(f"{at}/metrics", timeout=PATIENCE).text

    assert "\nkpi_prefect_up 1.0\n" in told
    assert 'kpi_check_ok{check="worker"} 1.0' in told


def test_the_key_of_prefects_blocks_is_no_part_of_its_database(platform: Platform) -> None:
    platform.kpi("blocks", "apply")

    server = platform.kpi("db", "url").strip().rpartition("/")[0]
    with psycopg.connect(f"{server}/prefect_db") as connection:
        blocks = connection.execute("SELECT data #>> '{}' FROM block_document").fetchall()
        keys = connection.execute("SELECT FROM configuration WHERE key = 'ENCRYPTION_KEY'")
        assert keys.fetchall() == []
    file = platform.settings.home / "platform" / "prefect.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = Fernet(file.read_text())
    assert any(b"postgresql" in key.decrypt(block) for (block,) in blocks)


def test_the_daily_run_publishes_and_leaves_its_artifacts(platform: Platform) -> None:
    said = platform.run_deployment("crypto-events/daily")

    assert "Completed" in said
    assert rows(platform, "SELECT count(*) FROM prod.bt_crypto_events WHERE is_active")[0][0] >= 20
    [run, *_] = platform.flow_runs("daily")
    artifacts = platform.api(
        "POST",
        "/artifacts/filter",
        {"flow_runs": {"id": {"any_": [run["id"]]}}},
    )
    assert {"table", "markdown"} <= {artifact["type"] for artifact in artifacts}
    [link] = [shown["data"] for shown in artifacts if shown["key"] == "crypto-data-docs"]
    docs = link.rpartition("(")[2].rstrip(")")
    assert docs == f"{platform.app}/artifacts/ge-artifacts/data_docs/index.html"
    assert "Great Expectations" in httpx.get(docs).raise_for_status().text
    tasks = platform.api("POST", "/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert len(tasks) == 7


def test_a_backfill_takes_dates_from_its_form(platform: Platform) -> None:
    dates = ("-p", "as_of=2023-02-01", "-p", "window_days=32")

    platform.run_deployment("crypto-events/backfill", *dates)

    query = "SELECT count(*) FROM prod.bt_crypto_events WHERE purchase_date < '2023-03-01'"
    assert rows(platform, query) == [(11,)]


@pytest.mark.parametrize("wrong", [{"window_days": 0}, {"policy": "ignore"}], ids=str)
def test_wrong_parameters_are_refused_by_the_server(
    platform: Platform, wrong: dict[str, Any]
) -> None:
    runs = len(platform.flow_runs("backfill"))

    with pytest.raises(httpx.HTTPStatusError) as refused:
        platform.start_deployment("crypto-events/backfill", **wrong)

    assert next(iter(wrong)) in refused.value.response.text
    assert len(platform.flow_runs("backfill")) == runs


def test_what_is_no_date_fails_the_run_in_one_sentence(platform: Platform) -> None:
    platform.start_deployment("crypto-events/backfill", as_of="today")

    assert wait_until(lambda: bool(failed(platform)), PATIENCE)
    assert "as_of" in failed(platform)[0]["state"]["message"]


def test_changed_files_train_and_users_are_scored_and_monitored(platform: Platform) -> None:
    platform.complete("churn-watchdog/daily")

    # Nobody asked for the training but the event.
    assert wait_until(lambda: len(platform.flow_runs("on-change")) > 0, PATIENCE)
    training = platform.flow_runs("on-change")[0]
    assert training["created_by"]["display_value"] == "churn-training on churn.sources.changed"
    platform.wait_for(training["id"], "COMPLETED")
    assert "promoted" in platform.kpi("model", "history")

    platform.complete("churn-scoring/weekly")
    assert rows(platform, "SELECT count(*) FROM prod.bt_churn_scores") == [(2500,)]
    platform.complete("churn-drift-monitor/weekly")


def test_a_pipeline_runs_once_at_a_time(platform: Platform) -> None:
    ids = [platform.start_deployment("crypto-events/daily") for _ in range(2)]
    at_once: list[int] = []

    def all_ended() -> bool:
        states = [platform.flow_run(run_id)["state_type"] for run_id in ids]
        at_once.append(sum(state in ("PENDING", "RUNNING") for state in states))
        return all(state in ENDED for state in states)

    assert wait_until(all_ended, PATIENCE)
    assert max(at_once) == 1
    assert {platform.flow_run(run_id)["state_type"] for run_id in ids} == {"COMPLETED"}


def test_a_run_that_died_with_its_worker_is_crashed_and_runs_again(platform: Platform) -> None:
    run_id = platform.start_deployment("crypto-events/daily")
    platform.wait_for(run_id, "RUNNING")

    worker = platform_supervisor(platform.settings).pids()["worker"]
    os.killpg(worker, signal.SIGKILL)

    crashed = platform.wait_for(run_id, *ENDED)
    assert crashed["state_type"] == "CRASHED"
    assert "Its process is gone" in crashed["state"]["message"]
    # What the button Retry of Prefect's UI does.
    again = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}}
    platform.api("POST", f"/flow_runs/{run_id}/set_state", again)
    assert platform.wait_for(run_id, *ENDED[1:], "COMPLETED")["state_type"] == "COMPLETED"


def test_a_killed_server_comes_back(platform: Platform) -> None:
    before = platform_supervisor(platform.settings).pids()

    os.kill(before["mlflow"], signal.SIGKILL)

    def well() -> bool:
        # While it starts, status may say so by its exit code.
        told = platform.command("kpi", "status").stdout
        return ["mlflow", "well"] in [line.split()[:2] for line in told.splitlines()]

    assert wait_until(well, PATIENCE)
    assert platform_supervisor(platform.settings).pids()["mlflow"] != before["mlflow"]


def test_commands_use_the_running_server(platform: Platform) -> None:
    def known() -> int:
        runs = platform.api(
            "POST", "/flow_runs/count", {"flows": {"name": {"any_": ["crypto-events"]}}}
        )
        return int(runs)

    before = known()
    platform.kpi("run")

    assert known() == before + 1


def test_up_again_changes_nothing(platform: Platform) -> None:
    before = platform_supervisor(platform.settings).pids()
    # Sorted, because Prefect does so by name, and two are called the same.
    deployments = sorted(found["id"] for found in platform.api("POST", "/deployments/filter", {}))

    platform.kpi("up")

    assert platform_supervisor(platform.settings).pids() == before
    after = platform.api("POST", "/deployments/filter", {})
    assert sorted(found["id"] for found in after) == deployments
    schedules = [schedule["schedule"] for found in after for schedule in found["schedules"]]
    declared = [each for found in declared_deployments() for each in found.get("schedules", ())]
    assert [schedule["timezone"] for schedule in schedules] == ["UTC"] * len(declared)
    assert platform.api("POST", "/automations/count", {}) >= 2


def failed(platform: Platform) -> list[dict[str, Any]]:
    """The backfills that failed."""
    return [run for run in platform.flow_runs("backfill") if run["state_type"] == "FAILED"]


def rows(platform: Platform, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the platform's warehouse."""
    with psycopg.connect(platform.kpi("db", "url").strip()) as connection:
        return connection.execute(query).fetchall()
