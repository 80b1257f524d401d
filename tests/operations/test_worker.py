"""A worker ends when it is told to, however it was started."""

import signal
from http import HTTPStatus
from threading import Timer

import httpx
import pytest

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.deployments.declared import WORK_POOL
from tests.prefect_server import PATIENCE, PrefectServer

pytestmark = pytest.mark.xdist_group("servers")

# As a script starts it with `&`: shells let background jobs ignore interrupts.
IN_THE_BACKGROUND = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "flows.cli", "worker", "--port", sys.argv[1]])
"""


def healthy(port: int) -> bool:
    try:
        answer = httpx.get(f"http://{LOOPBACK}:{port}/health", timeout=PATIENCE)
    except httpx.TransportError:
        return False
    return answer.status_code == HTTPStatus.OK


def make_pool(prefect: PrefectServer, kind: str = "process") -> None:
    prefect.post("/work_pools/", {"name": WORK_POOL, "type": kind})


def test_a_worker_without_a_work_pool_says_what_makes_one(prefect: PrefectServer) -> None:
    with prefect.start("-m", "flows.cli", "worker", "--port", str(free_port())) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert output.strip().splitlines()[-1] == (
        f"kpi: The Prefect server at {prefect.url}/api has no work pool kpi, and no deployment "
        "runs without it: make it and them anew with `kpi deploy`, then start the worker again."
    )


def test_a_worker_of_another_type_says_what_it_lacks(prefect: PrefectServer) -> None:
    make_pool(prefect, "kubernetes")
    try:
        with prefect.start("-m", "flows.cli", "worker", "--port", str(free_port())) as process:
            output, _ = process.communicate(timeout=PATIENCE)
    finally:
        prefect.delete(f"/work_pools/{WORK_POOL}")
    assert process.returncode == 1
    assert output.strip().splitlines()[-1] == (
        "kpi: The work pool kpi is of type kubernetes, and its worker is not installed here: pip "
        "install 'prefect-kubernetes<0.5' in the environment of kpi, then start the worker again."
    )


def test_a_worker_waits_for_a_deleted_pool_and_ends_when_it_is_terminated(
    prefect: PrefectServer,
) -> None:
    port = free_port()
    make_pool(prefect)
    often = {"PREFECT_WORKER_HEARTBEAT_SECONDS": "1"}
    with prefect.start("-c", IN_THE_BACKGROUND, str(port), **often) as process:
        watch = Timer(PATIENCE, process.kill)
        watch.start()
        try:
            assert wait_until(lambda: healthy(port) or process.poll() is not None, PATIENCE)
            prefect.delete(f"/work_pools/{WORK_POOL}")
            assert process.stdout
            told = next(line for line in process.stdout if "has no work pool kpi" in line)
            assert "anew with `kpi deploy`; this worker waits for it." in told
            make_pool(prefect)  # refused, had the worker made one itself
            again = next(line for line in process.stdout if "work pool" in line)
            assert "The work pool kpi is there again." in again
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            watch.cancel()
            process.kill()
    assert "Sending SIGINT" in output


def test_a_worker_without_a_server_says_so(prefect: PrefectServer) -> None:
    nobody = f"http://{LOOPBACK}:{free_port()}/api"
    with prefect.start("-m", "flows.cli", "worker", PREFECT_API_URL=nobody) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"kpi: The Prefect server at {nobody} does not answer as it should" in output
    assert "Traceback" not in output
