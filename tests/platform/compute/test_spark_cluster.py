"""The same training on a real cluster: a master and two workers, which ask for a secret."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pytest

from benchmarks.cluster.standalone import KNOWN, Cluster, standalone_cluster
from benchmarks.cluster.store import BUCKET, settings_of
from flows.churn.production.document import DOCUMENT
from flows.local.machine import free_port
from flows.paths import REPOSITORY
from tests.s3_endpoint import keys, s3_endpoint

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.usefixtures("short_lived_java")]

Process: TypeAlias = "subprocess.Popen[bytes]"

_KNOWN = {**KNOWN, "KPI_SPARK_EXECUTOR_MEMORY": "512m"}
# A process of its own: the JVM of this one may be local already.
_TRAIN = """
import sys
from pathlib import Path
from flows.churn.pipeline import TRAINING
from flows.platform.pipeline.plain_run import run_steps
from flows.churn.planning import plan_training
from flows.settings import load_settings
from flows.platform.compute.spark import stop_spark
settings = load_settings()
run = plan_training(settings, run_id="same")
run_steps(TRAINING, settings, run, last="train_spark_model")
stop_spark()
"""


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
    """A driver that knows another secret. It tries for a minute, beside the other tests."""
    another = {"_SPARK_AUTH_SECRET": "of-somebody-else"}
    with start_session(place / "refused", cluster, **another) as process:
        yield process


def train(home: Path, master: str, database_url: str, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN],
        cwd=REPOSITORY,
        env={
            **os.environ,
            **_KNOWN,
            "KPI_HOME": str(home),
            "SPARK_MASTER_URL": master,
            "KPI_CHURN__FEATURE_ENGINE": "spark",
            # Whose ledger says what is Production.
            "KPI_DATABASE_URL": database_url,
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("refused")
def test_features_and_model_of_two_workers_and_a_bucket_are_those_of_one_machine(
    tmp_path: Path, cluster: Cluster, database_url: str
) -> None:
    train(tmp_path / "local", "local[1]", database_url)
    with s3_endpoint(BUCKET) as s3:
        # Nothing but the bucket is shared: what a run copied there is all that the workers read.
        where = settings_of(s3, **{"spark.dynamicAllocation.initialExecutors": "2"})
        train(
            tmp_path / "kpi",
            cluster.master,
            database_url,
            **where,
            KPI_SPARK_DRIVER_PORT=str(free_port()),
            KPI_SPARK_BLOCK_MANAGER_PORT=str(free_port()),
            KPI_SPARK_MAX_EXECUTORS="2",
        )
        left = keys(s3, BUCKET)

    on_a_cluster, here = (_made(tmp_path / name) for name in ("kpi", "local"))
    pd.testing.assert_frame_equal(on_a_cluster[0], here[0], rtol=0, atol=1e-9)
    pd.testing.assert_series_equal(on_a_cluster[1], here[1], rtol=0, atol=1e-9)
    # Both took part, however quick the first was.
    assert min(cluster.executors()) >= 1
    # Of the copies nothing stays; S3A makes a mark for a folder that it has emptied.
    assert left == ["runs/"]


def _made(home: Path) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Return the features of a training, and what its model holds."""
    features = next(home.rglob("same/features"))
    model = json.loads(next(home.rglob(DOCUMENT)).read_text())
    coefficients = {term["feature"]: term["coefficient"] for term in model["terms"]}
    return (
        pd.read_parquet(features).sort_values("user_id", ignore_index=True),
        pd.Series({**coefficients, "intercept": model["intercept"]}),
    )


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
