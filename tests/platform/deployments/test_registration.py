"""What `kpi deploy` leaves on a Prefect server, and what it leaves alone there."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any
from unittest.mock import patch

import pytest

from docs.definitions import declared_deployments
from flows.commands.operations.deploy import deploy_everything
from flows.paths import REPOSITORY
from flows.platform.deployments.declared import WORK_POOL
from flows.platform.deployments.registered_blocks import register_s3_blocks
from flows.platform.orchestration import blocks
from flows.settings import load_settings
from tests.prefect_server import PATIENCE, PrefectServer, running_server

pytestmark = pytest.mark.xdist_group("servers")

State = dict[str, list[dict[str, Any]]]

_BY_PREFECT = {"created", "updated", "last_polled", "status"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    with running_server(tmp_path_factory.mktemp("prefect")) as running:
        run(running, "kpi", "deploy")
        yield running


def run(server: PrefectServer, program: str, *arguments: str, **environment: str) -> str:
    """Run a program of our environment, as somebody in the project's folder does."""
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=REPOSITORY,
        env={**server.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def deploy(server: PrefectServer, **environment: str) -> None:
    """Do here what `kpi deploy` does in a process, whose start is most of what it costs."""
    with patch.dict(os.environ, {**server.environment, **environment}):
        deploy_everything(load_settings())


def state(server: PrefectServer) -> State:
    """Everything that is registered, with the times at which it was."""
    found = {
        "deployments": server.post("/deployments/filter", {}),
        "automations": server.post("/automations/filter", {}),
        "queues": server.post("/work_pools/kpi/queues/filter", {}),
        "pools": server.post("/work_pools/filter", {}),
        "variables": server.post("/variables/filter", {}),
    }
    # Prefect sorts by name, and some are called the same.
    return {kind: sorted(rows, key=lambda row: str(row["id"])) for kind, rows in found.items()}


def stamps(server: PrefectServer) -> dict[str, str]:
    """When each thing was written last; what a queue's or a pool's polling does is not ours."""
    written = ("deployments", "automations", "variables")
    return {row["id"]: row["updated"] for kind in written for row in state(server)[kind]}


def meaning(part: Any) -> Any:
    """What is registered, without times and without the ids that each writing makes anew."""
    if isinstance(part, list):
        return [meaning(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {name: meaning(value) for name, value in part.items() if name not in _BY_PREFECT}


def comparable(server: PrefectServer) -> dict[str, Any]:
    """What is registered, so that it can be compared with what was."""
    found = state(server)
    for row in found["automations"]:
        row.pop("id")
        row["trigger"].pop("id", None)
    for deployment in found["deployments"]:
        for schedule in deployment["schedules"]:
            schedule.pop("id")
    found["automations"].sort(key=lambda row: str(row["name"]))
    return dict(meaning(found))


def deployment(server: PrefectServer, name: str) -> dict[str, Any]:
    return dict(server.get(f"/deployments/name/{name}"))


def test_prefects_own_command_leaves_the_same(server: PrefectServer) -> None:
    ours = comparable(server)
    assert len(ours["deployments"]) == len(declared_deployments())

    said = run(server, "prefect", "--no-prompt", "deploy", "--all")

    assert "successfully created" in said
    assert comparable(server) == ours


def test_done_again_nothing_is_written(server: PrefectServer) -> None:
    before = stamps(server)

    run(server, "kpi", "deploy")

    assert stamps(server) == before


def test_prefects_own_client_finds_the_same(server: PrefectServer) -> None:
    before = stamps(server)

    # It alone knows what to do with a key.
    run(server, "kpi", "deploy", PREFECT_API_KEY="of-a-cloud")

    assert stamps(server) == before


def test_what_tells_of_crashes_is_written_once(server: PrefectServer) -> None:
    before = stamps(server)
    hook = {"KPI_WEBHOOK_URL": "https://hooks.example/secret"}
    deploy(server, **hook)
    once = stamps(server)
    assert len(once) == len(before) + 1

    deploy(server, **hook)
    assert stamps(server) == once

    deploy(server, KPI_WEBHOOK_URL="https://hooks.example/another")
    assert stamps(server) != once

    deploy(server)
    assert stamps(server) == before


def test_blocks_are_written_where_they_are_not_as_they_were_written_last(
    server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, another = ({"KPI_S3__SECRET_ACCESS_KEY": token_hex(9)} for _ in range(2))
    s3 = {"KPI_STORAGE": "s3", "KPI_S3__ACCESS_KEY_ID": "somebody", **secret}
    run(server, "kpi", "deploy", **s3)
    slugs = ["aws-credentials/kpi-s3", "s3-bucket/kpi-runs", "s3-bucket/kpi-results"]
    paths = ["/block_types/slug/{}/block_documents/name/{}".format(*x.split("/")) for x in slugs]
    written: list[object] = []

    def write(settings: object) -> list[str]:
        written.append(settings)
        return slugs

    monkeypatch.setattr(blocks, "apply_s3_blocks", write)

    def writes(**changes: str) -> bool:
        before = len(written)
        with patch.dict(os.environ, {**server.environment, **s3, **changes}):
            register_s3_blocks(load_settings())
        return len(written) > before

    assert not writes()
    keys = server.get(paths[0])
    change = {"data": {"region_name": "eu-west-1"}, "merge_existing_data": True}
    server.patch(f"/block_documents/{keys['id']}", change)
    assert writes()
    assert not writes()
    assert writes(KPI_S3__REGION="eu-west-1")
    assert writes(**another)
    # The server still has the former secret.
    assert writes(**another)
    server.delete(f"/block_documents/{server.get(paths[2])['id']}")
    assert writes()
    assert writes()


def delete_deployment(server: PrefectServer) -> None:
    made = deployment(server, "churn-drift-monitor/weekly")["id"]
    server.delete(f"/deployments/{made}")


def delete_queue(server: PrefectServer) -> None:
    server.delete("/work_pools/kpi/queues/churn-scoring")


def let_more_run(server: PrefectServer) -> None:
    server.patch("/work_pools/kpi/queues/churn-scoring", {"concurrency_limit": 7})


def change_parameters(server: PrefectServer) -> None:
    made = deployment(server, "crypto-events/backfill")["id"]
    change = {"parameters": {"generate": True}, "tags": ["mine"]}
    server.patch(f"/deployments/{made}", change)


def switch_a_schedule_off(server: PrefectServer) -> None:
    daily = deployment(server, "crypto-events/daily")
    schedule = daily["schedules"][0]["id"]
    server.patch(f"/deployments/{daily['id']}/schedules/{schedule}", {"active": False})


def delete_an_automation(server: PrefectServer) -> None:
    [first, *_] = server.post("/automations/filter", {})
    server.delete(f"/automations/{first['id']}")


def change_the_time_zone(server: PrefectServer) -> None:
    server.patch("/variables/name/kpi_time_zone", {"value": "Asia/Tokyo"})


def delete_the_time_zone(server: PrefectServer) -> None:
    server.delete("/variables/name/kpi_time_zone")


CHANGES = [
    delete_deployment,
    delete_queue,
    let_more_run,
    change_parameters,
    switch_a_schedule_off,
    delete_an_automation,
    change_the_time_zone,
    delete_the_time_zone,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_somebody_changed_is_as_declared_again(
    server: PrefectServer, change: Callable[[PrefectServer], None]
) -> None:
    before = without_ids(comparable(server))
    change(server)
    assert without_ids(comparable(server)) != before

    deploy(server)

    assert without_ids(comparable(server)) == before


def test_a_deleted_work_pool_comes_back_with_all_that_used_it(server: PrefectServer) -> None:
    before = without_ids(comparable(server))
    server.delete(f"/work_pools/{WORK_POOL}")

    deploy(server)

    assert without_ids(comparable(server)) == before


def without_ids(part: Any) -> Any:
    """What was made anew has other ids."""
    if isinstance(part, list):
        return sorted((without_ids(one) for one in part), key=str)
    if not isinstance(part, dict):
        return part
    return {
        name: without_ids(value)
        for name, value in part.items()
        if name != "id" and not name.endswith("_id") and name not in ("priority", "owner_resource")
    }


def test_what_prefect_refuses_is_told(server: PrefectServer) -> None:
    environment = {**os.environ, **server.environment, "KPI_TIME_ZONE": "UTC"}
    url = f"{server.environment['PREFECT_API_URL']}/nowhere"
    done = subprocess.run(
        [Path(sys.executable).with_name("kpi"), "deploy"],
        cwd=REPOSITORY,
        env={**environment, "PREFECT_API_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "kpi: Prefect refuses POST /variables/ (404)" in done.stderr
