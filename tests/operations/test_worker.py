"""A worker ends when it is told to, however it was started."""

import signal
from http import HTTPStatus

import httpx
import pytest

from flows.local.machine import LOOPBACK, free_port, wait_until
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


def test_a_worker_that_a_script_started_ends_when_it_is_terminated(prefect: PrefectServer) -> None:
    port = free_port()
    with prefect.start("-c", IN_THE_BACKGROUND, str(port)) as process:
        assert wait_until(lambda: healthy(port) or process.poll() is not None, PATIENCE)
        process.send_signal(signal.SIGTERM)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert "Sending SIGINT" in output


def test_a_worker_without_a_server_says_so(prefect: PrefectServer) -> None:
    nobody = f"http://{LOOPBACK}:{free_port()}/api"
    with prefect.start("-m", "flows.cli", "worker", PREFECT_API_URL=nobody) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"kpi: The Prefect server at {nobody} does not answer as it should" in output
    assert "Traceback" not in output
