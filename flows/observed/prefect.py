"""What Prefect's server says of workers, and of runs that wait, without importing Prefect."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx
from prometheus_client.core import GaugeMetricFamily, Metric

from flows.platform.pipeline.declaration import Pipeline

_TIMEOUT_SECONDS = 5
PREFECT_FAULTS = (
    *(httpx.HTTPError, httpx.InvalidURL),
    *(AttributeError, KeyError, TypeError, ValueError),
)
"""What asking raises when nobody answers, or somebody who is not Prefect."""

_STATES = {"late": "Late", "pending": "Pending", "running": "Running", "paused": "Paused"}
# Their time has come, and nobody knows yet whether a worker takes them; the others are for later.
_DUE = {"scheduled": "Scheduled", "retrying": "AwaitingRetry"}
_ENDED = ("COMPLETED", "FAILED", "CRASHED")


def prefect_counts() -> Iterator[Metric]:
    """Yield how many runs are in each state that waits or works; nothing without a server."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return
    runs = GaugeMetricFamily("kpi_prefect_runs", "Flow runs in that state", labels=["state"])
    try:
        with prefect_api(address, _TIMEOUT_SECONDS) as api:
            for label, name in _STATES.items():
                runs.add_metric([label], _count(api, name))
            due = {"expected_start_time": {"before_": datetime.now(UTC).isoformat()}}
            for label, name in _DUE.items():
                runs.add_metric([label], _count(api, name, **due))
    except PREFECT_FAULTS:
        yield from prefect_is_away()
        return
    yield _up(True)
    yield runs


def prefect_run_seconds(pipelines: Iterable[Pipeline]) -> Iterator[Metric]:
    """Yield how long each pipeline's last run took that ended, well or not."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return
    seconds = GaugeMetricFamily(
        "kpi_flow_run_seconds", "Seconds that the last ended run took", labels=["pipeline"]
    )
    try:
        with prefect_api(address, _TIMEOUT_SECONDS) as api:
            for pipeline in pipelines:
                asked = {
                    "flows": {"name": {"any_": [pipeline.title]}},
                    "flow_runs": {"state": {"type": {"any_": _ENDED}}},
                    **{"sort": "END_TIME_DESC", "limit": 1},
                }
                for run in api.post("/flow_runs/filter", json=asked).raise_for_status().json():
                    seconds.add_metric([pipeline.name], float(run["total_run_time"]))
    except PREFECT_FAULTS:
        return
    yield seconds


def prefect_is_away() -> list[Metric]:
    """Return what is said of a server that does not answer; nothing where there is none."""
    return [_up(False)] if os.environ.get("PREFECT_API_URL") else []


def _up(answers: bool) -> Metric:
    metric = GaugeMetricFamily("kpi_prefect_up", "Whether Prefect's server answers")
    metric.add_metric([], answers)
    return metric


def _count(api: httpx.Client, state: str, **also: dict[str, str]) -> int:
    asked = {"flow_runs": {"state": {"name": {"any_": [state]}}, **also}}
    return int(api.post("/flow_runs/count", json=asked).raise_for_status().json())


@contextmanager
def prefect_api(address: str, timeout: float) -> Iterator[httpx.Client]:
    """Yield a client of the API that may ask by POST, too.

    A protected server answers that only with a token, which keeps pages of others from asking.
    """
    with httpx.Client(base_url=address.rstrip("/"), timeout=timeout) as client:
        name = str(uuid4())
        answer = client.get("/csrf-token", params={"client": name})
        if answer.is_success:
            client.headers["Prefect-Csrf-Client"] = name
            client.headers["Prefect-Csrf-Token"] = answer.json()["token"]
        yield client
