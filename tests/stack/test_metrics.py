"""The metrics of the platform in containers, as a real Prometheus on this machine reads them."""

import subprocess
from pathlib import Path

import httpx

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.paths import REPOSITORY
from tests.stack.ask.patient_http import get
from tests.stack.stack import Stack

MONITORING = REPOSITORY / "deployments" / "monitoring"


def test_it_counts_as_a_role_that_sees_nobody(stack: Stack) -> None:
    text = get(f"{stack.address('METRICS')}/metrics").text
    for sample in ("kpi_warehouse_up 1.0", "kpi_prefect_up 1.0", "kpi_open_forgettings 0.0"):
        assert f"\n{sample}\n" in text
    assert 'kpi_check_ok{check="worker"} 1.0' in text


def test_another_hosts_name_is_refused(stack: Stack) -> None:
    asked = get(f"{stack.address('METRICS')}/metrics", headers={"Host": "elsewhere.example"})
    assert (asked.status_code, "kpi_" in asked.text) == (421, False)


def test_the_repositorys_configuration_leads_prometheus_to_it(stack: Stack, tmp_path: Path) -> None:
    at, port = free_port(), stack.values["METRICS_PORT"]
    text = (MONITORING / "prometheus.yml").read_text(encoding="utf-8")
    moved = text.replace("127.0.0.1:9464", f"127.0.0.1:{port}").replace("30s", "1s")
    (tmp_path / "prometheus.yml").write_text(moved, encoding="utf-8")
    rules = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    (tmp_path / "alerts.yml").write_text(rules, encoding="utf-8")
    command = ["prometheus", f"--config.file={tmp_path / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address={LOOPBACK}:{at}"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as prometheus:
        try:
            assert wait_until(lambda: _says(at, 'up{job="kpi"}') == ["1"], 120)
        finally:
            prometheus.terminate()


def _says(port: int, expression: str) -> list[str]:
    try:
        query = {"query": expression}
        answer = httpx.get(f"http://{LOOPBACK}:{port}/api/v1/query", params=query, timeout=10)
        return [found["value"][1] for found in answer.json()["data"]["result"]]
    except (httpx.HTTPError, ValueError):  # it starts, or reads what it kept
        return []
