"""What a real cluster says no to: a master and two workers, which ask for a secret.

That it finds what one machine finds is shown by tests/benchmarks/test_cluster.py.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from benchmarks.cluster.standalone import KNOWN, Cluster, standalone_cluster
from flows.paths import REPOSITORY

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.usefixtures("short_lived_java")]

Process: TypeAlias = "subprocess.Popen[bytes]"

_KNOWN = {**KNOWN, "KPI_SPARK_EXECUTOR_MEMORY": "512m"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cluster's processes write."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(place: Path) -> Iterator[Cluster]:
    """A master with two workers, each of 1 core and 600 MB."""
    with standalone_cluster(place) as running:
        yield running


@pytest.fixture(scope="module")
def refused(cluster: Cluster, place: Path) -> Iterator[Process]:
    """A driver that knows another secret. It tries for a minute, beside the other test."""
    another = {"_SPARK_AUTH_SECRET": "of-somebody-else"}
    with start_session(place / "refused", cluster, **another) as process:
        yield process


def start_session(home: Path, cluster: Cluster, **variables: str) -> Process:
    """Start a session in a process of its own, whose log is beside its home."""
    code = (
        "import logging\n"
        "from flows.platform.compute.spark import spark_session\n"
        "from flows.settings import load_settings\n"
        "logging.basicConfig(level=logging.INFO)\n"
        "spark_session(load_settings(), 'a test')"
    )
    where = {"KPI_HOME": str(home), "SPARK_MASTER_URL": cluster.master, "KPI_PATIENCE_SECONDS": "3"}
    with log_of(home).open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env={**os.environ, **_KNOWN, **where, **variables},
            stdout=output,
            stderr=output,
        )


def log_of(home: Path) -> Path:
    return home.with_suffix(".log")


@pytest.mark.usefixtures("refused")
def test_a_cluster_without_room_is_told(tmp_path: Path, cluster: Cluster) -> None:
    home = tmp_path / "kpi"
    start_session(home, cluster, KPI_SPARK_EXECUTOR_MEMORY="1g").wait()
    told = log_of(home).read_text()

    assert f"Waiting for an executor of {cluster.master}, 0 of at most 3 seconds ..." in told
    assert "gave no executor in 3 seconds" in told
    assert "KPI_SPARK_EXECUTOR_MEMORY" in told


def test_a_cluster_refuses_who_does_not_know_its_secret(
    cluster: Cluster, place: Path, refused: Process
) -> None:
    refused.wait()
    told = log_of(place / "refused").read_text()

    assert f"Spark does not start on {cluster.master}" in told
    assert "_SPARK_AUTH_SECRET" in told
