"""The same training on a real cluster: a master and two workers, which ask for a secret."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import pandas as pd
import pytest

from flows.churn.production.document import DOCUMENT
from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.paths import REPOSITORY
from flows.platform.compute.spark import java_home
from flows.settings import Settings

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.usefixtures("short_lived_java")]

Process: TypeAlias = "subprocess.Popen[bytes]"

_PATIENCE = 300
_DEPLOY = "org.apache.spark.deploy"
_SECRET = {"_SPARK_AUTH_SECRET": "of-the-cluster"}
# Those of a driver that knows it, and listens as in a container with several networks.
_KNOWN = {
    **_SECRET,
    "KPI_SPARK_AUTHENTICATE": "true",
    "KPI_SPARK_DRIVER_BY_NAME": "true",
    "KPI_SPARK_EXECUTOR_MEMORY": "512m",
}
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


@contextmanager
def spark_process(home: Path, role: str, *arguments: str) -> Iterator[Path]:
    """Run a master or a worker until the block ends; yields its log."""
    import pyspark

    spark = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        **_SECRET,
        "JAVA_HOME": str(java_home(Settings(home=home))),
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_JAVA_OPTS": "-Dspark.authenticate=true",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    log = home / f"{role.rsplit('.', 1)[-1]}-{uuid4()}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [spark / "bin" / "spark-class", role, *arguments],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield log
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cluster's processes write, each worker into a folder of its name."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(place: Path) -> Iterator[str]:
    """Address of a master with two workers, each of 1 core and 600 MB."""
    port, ui = str(free_port()), str(free_port())
    where = ["--host", LOOPBACK, "--port", port, "--webui-port", ui]
    address = f"spark://{LOOPBACK}:{port}"
    with ExitStack() as running:
        master = running.enter_context(spark_process(place, f"{_DEPLOY}.master.Master", *where))
        assert wait_until(lambda: "New state: ALIVE" in master.read_text(), _PATIENCE)
        small = ["--cores", "1", "--memory", "600m", "--host", LOOPBACK, "--webui-port", "0"]
        for name in ("one", "two"):
            work = ["--work-dir", str(place / name)]
            worker = spark_process(place, f"{_DEPLOY}.worker.Worker", *small, *work, address)
            running.enter_context(worker)
        assert wait_until(lambda: master.read_text().count("Registering worker") == 2, _PATIENCE)
        yield address


@pytest.fixture(scope="module")
def refused(cluster: str, place: Path) -> Iterator[Process]:
    """A driver that knows another secret. It tries for a minute, beside the other tests."""
    another = {"_SPARK_AUTH_SECRET": "of-somebody-else"}
    with start_session(place / "refused", cluster, **another) as process:
        yield process


def train(home: Path, master: str, database_url: str, **settings: str) -> None:
    names = {f"KPI_{name.upper()}": value for name, value in settings.items()}
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
            **names,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("refused")
def test_features_and_model_of_two_workers_are_those_of_one_machine(
    tmp_path: Path, cluster: str, place: Path, database_url: str
) -> None:
    shared = tmp_path / "elsewhere"
    train(tmp_path / "local", "local[1]", database_url)
    train(
        tmp_path / "kpi",
        cluster,
        database_url,
        # Not the folder of the run, which only the run itself reads.
        spark_shared_storage=f"file://{shared}",
        spark_driver_port=str(free_port()),
        spark_block_manager_port=str(free_port()),
        spark_max_executors="2",
        # Both take part, however quick the first is.
        spark_options='{"spark.dynamicAllocation.initialExecutors": "2"}',
    )

    on_a_cluster, here = (_made(tmp_path / name) for name in ("kpi", "local"))
    pd.testing.assert_frame_equal(on_a_cluster[0], here[0], rtol=0, atol=1e-9)
    pd.testing.assert_series_equal(on_a_cluster[1], here[1], rtol=0, atol=1e-9)
    assert [len(list((place / name).glob("app-*"))) for name in ("one", "two")] == [1, 1]
    assert list(shared.iterdir()) == []


def _made(home: Path) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Return the features of a training, and what its model holds."""
    features = next(home.rglob("same/features"))
    model = json.loads(next(home.rglob(DOCUMENT)).read_text())
    coefficients = {term["feature"]: term["coefficient"] for term in model["terms"]}
    return (
        pd.read_parquet(features).sort_values("user_id", ignore_index=True),
        pd.Series({**coefficients, "intercept": model["intercept"]}),
    )


def start_session(home: Path, cluster: str, **variables: str) -> Process:
    """Start a session in a process of its own, whose log is beside its home."""
    code = (
        "import logging\n"
        "from flows.platform.compute.spark import spark_session\n"
        "from flows.settings import load_settings\n"
        "logging.basicConfig(level=logging.INFO)\n"
        "spark_session(load_settings(), 'a test')"
    )
    where = {"KPI_HOME": str(home), "SPARK_MASTER_URL": cluster, "KPI_PATIENCE_SECONDS": "3"}
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


def test_a_cluster_without_room_is_told(tmp_path: Path, cluster: str) -> None:
    home = tmp_path / "kpi"
    start_session(home, cluster, KPI_SPARK_EXECUTOR_MEMORY="1g").wait()
    told = log_of(home).read_text()

    assert f"Waiting for an executor of {cluster}, 0 of at most 3 seconds ..." in told
    assert "gave no executor in 3 seconds" in told
    assert "KPI_SPARK_EXECUTOR_MEMORY" in told


def test_a_cluster_refuses_who_does_not_know_its_secret(
    cluster: str, place: Path, refused: Process
) -> None:
    refused.wait()
    told = log_of(place / "refused").read_text()

    assert f"Spark does not start on {cluster}" in told
    assert "_SPARK_AUTH_SECRET" in told
