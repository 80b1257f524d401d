"""The app in its own process, on a free port of this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port
from flows.paths import REPOSITORY
from flows.settings import Settings

_START_SECONDS, _STOP_SECONDS = 60, 10


@contextmanager
def served_app(settings: Settings, log: Path, **environment: str) -> Iterator[str]:
    """Serve the app with these settings and yield its URL; its process group ends afterwards.

    Its output goes to `log`. Raises KpiError when it does not answer within a minute.
    """
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                Path(sys.executable).with_name("streamlit"),
                *("run", "app/main.py", "--server.address", LOOPBACK, "--server.port", str(port)),
            ],
            cwd=REPOSITORY,
            env={**_environment(settings), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, address, log)
        yield address
    finally:
        _end(process)


def _environment(settings: Settings) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
    url, secret = settings.database_url, settings.s3.secret_access_key
    return inherited | {
        "KPI_HOME": str(settings.home),
        "KPI_DATABASE_URL": url.get_secret_value() if url else "",
        "KPI_MLFLOW_TRACKING_URI": settings.mlflow_tracking_uri or "",
        "KPI_STORAGE": settings.storage,
        "KPI_S3__ENDPOINT_URL": settings.s3.endpoint_url or "",
        "KPI_S3__ACCESS_KEY_ID": settings.s3.access_key_id or "",
        "KPI_S3__SECRET_ACCESS_KEY": secret.get_secret_value() if secret else "",
    }


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{address}/_stcore/health", timeout=1).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise KpiError(f"The app does not answer at {address}; see {log}.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
