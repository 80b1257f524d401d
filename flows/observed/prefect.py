"""What Prefect's server says of runs that wait, without importing Prefect."""

import os
from collections.abc import Iterator

import httpx
from prometheus_client.core import GaugeMetricFamily, Metric

_TIMEOUT_SECONDS = 5
_STATES = {"late": "Late", "pending": "Pending", "running": "Running", "paused": "Paused"}


def prefect_counts() -> Iterator[Metric]:
    """Yield how many runs are in each state that waits or works; nothing without a server."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return
    answers = GaugeMetricFamily("kpi_prefect_up", "Whether Prefect's server answers")
    runs = GaugeMetricFamily("kpi_prefect_runs", "Flow runs in that state", labels=["state"])
    try:
        for label, name in _STATES.items():
            runs.add_metric([label], _count(address, name))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError):
        answers.add_metric([], 0)
        yield answers
        return
    answers.add_metric([], 1)
    yield answers
    yield runs


def _count(address: str, state: str) -> int:
    answer = httpx.post(
        f"{address.rstrip('/')}/flow_runs/count",
        json={"flow_runs": {"state": {"name": {"any_": [state]}}}},
        timeout=_TIMEOUT_SECONDS,
    )
    answer.raise_for_status()
    return int(answer.json())
