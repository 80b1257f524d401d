"""`kpi deploy` with a work pool that starts containers or jobs of Kubernetes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from httpx import HTTPStatusError

from docs.definitions import declared_deployments
from flows.commands.operations.deploy import deploy_everything
from flows.paths import REPOSITORY
from flows.platform.deployments.declared import WORK_POOL
from flows.platform.deployments.work_pool import job_template
from flows.settings import Settings, load_settings
from tests.prefect_server import PATIENCE, PrefectServer, running_server

pytestmark = pytest.mark.xdist_group("servers")

POOL = f"/work_pools/{WORK_POOL}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    with running_server(tmp_path_factory.mktemp("prefect")) as running:
        yield running


def deploy(server: PrefectServer, kind: str) -> None:
    """Do here what `kpi deploy` does in a process, whose start is most of what it costs."""
    with patch.dict(os.environ, {**server.environment, "KPI_PREFECT_WORK_POOL_TYPE": kind}):
        deploy_everything(load_settings())


def deployments(server: PrefectServer) -> list[dict[str, Any]]:
    return list(server.post("/deployments/filter", {}))


@pytest.fixture(scope="module", params=["kubernetes", "docker"])
def kind(request: pytest.FixtureRequest, server: PrefectServer) -> str:
    """A type of work pool, which is deployed to the server."""
    if server.post("/work_pools/filter", {}):
        server.delete(POOL)
    deploy(server, request.param)
    return str(request.param)


def test_everything_is_registered_to_a_pool_of_that_type(server: PrefectServer, kind: str) -> None:
    pool = server.get(POOL)
    assert pool["type"] == kind
    assert pool["base_job_template"] == job_template(Settings(prefect_work_pool_type=kind))
    registered = deployments(server)
    assert {each["work_pool_name"] for each in registered} == {WORK_POOL}
    assert len(registered) == len(declared_deployments())
    limits = {
        queue["name"]: queue["concurrency_limit"]
        for queue in server.post(f"{POOL}/queues/filter", {})
        if queue["name"] != "default"
    }
    assert limits == {each["work_queue_name"]: 1 for each in registered}


def test_the_server_takes_job_variables_that_fit_the_template(
    server: PrefectServer, kind: str
) -> None:
    [first, *_] = deployments(server)
    memory = {"docker": "mem_limit", "kubernetes": "memory"}[kind]
    path = f"/deployments/{first['id']}/create_flow_run"

    made = server.post(path, {"job_variables": {memory: "6g", "env": {"KPI_TIME_ZONE": "UTC"}}})

    assert made["job_variables"][memory] == "6g"
    with pytest.raises(HTTPStatusError) as refused:
        server.post(path, {"job_variables": {memory: 6}})
    assert refused.value.response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_pool_keeps_its_type(server: PrefectServer) -> None:
    before = server.get(POOL), deployments(server)

    done = subprocess.run(
        [Path(sys.executable).with_name("kpi"), "deploy"],
        cwd=REPOSITORY,
        env={**server.environment, "KPI_PREFECT_WORK_POOL_TYPE": "process"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert "The work pool kpi is of type docker on the Prefect server" in done.stderr
    assert "prefect work-pool delete kpi" in done.stderr
    assert (server.get(POOL), deployments(server)) == before


def test_a_changed_template_is_as_declared_again(server: PrefectServer) -> None:
    declared = server.get(POOL)["base_job_template"]
    server.patch(POOL, {"base_job_template": {}})

    deploy(server, "docker")

    written = server.get(POOL)
    assert written["base_job_template"] == declared
    deploy(server, "docker")
    assert server.get(POOL)["updated"] == written["updated"]
