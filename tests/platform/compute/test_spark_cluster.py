"""The same training on a real standalone cluster: a master and a worker, which ask for a secret."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.paths import REPOSITORY
from flows.platform.compute.spark import java_home
from flows.settings import Settings

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.usefixtures("short_lived_java")]

_PATIENCE = 60
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
run = plan_training(settings, run_id="cluster")
results = run_steps(TRAINING, settings, run, last="train_spark_model")
print("users", results["feature_engineering"].users)
print("auc", round(results["train_spark_model"].holdout.roc_auc, 3))
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
    log = home / f"{role.rsplit('.', 1)[-1]}.log"
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


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Address of a master with one worker of 1 core and 600 MB."""
    port, ui = str(free_port()), str(free_port())
    where = ["--host", LOOPBACK, "--port", port, "--webui-port", ui]
    address = f"spark://{LOOPBACK}:{port}"
    with spark_process(tmp_path, "org.apache.spark.deploy.master.Master", *where) as master:
        assert wait_until(lambda: "New state: ALIVE" in master.read_text(), _PATIENCE)
        small = ["--cores", "1", "--memory", "600m", "--host", LOOPBACK, "--webui-port", "0"]
        work = ["--work-dir", str(tmp_path / "work")]
        with spark_process(
            tmp_path, "org.apache.spark.deploy.worker.Worker", *small, *work, address
        ):
            assert wait_until(lambda: "Registering worker" in master.read_text(), _PATIENCE)
            yield address


def train(home: Path, cluster: str, **settings: str) -> subprocess.CompletedProcess[str]:
    names = {f"KPI_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-c", _TRAIN],
        cwd=REPOSITORY,
        env={**os.environ, **_KNOWN, "KPI_HOME": str(home), "SPARK_MASTER_URL": cluster, **names},
        capture_output=True,
        text=True,
        check=False,
    )


def test_features_and_model_are_made_on_a_cluster(
    tmp_path: Path, cluster: str, database_url: str
) -> None:
    done = train(
        tmp_path / "kpi",
        cluster,
        database_url=database_url,  # whose ledger says what is Production
        churn__feature_engine="spark",
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["users 2500", "auc 0.831"]


def start_session(home: Path, cluster: str, **variables: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import logging\n"
        "from flows.platform.compute.spark import spark_session\n"
        "from flows.settings import load_settings\n"
        "logging.basicConfig(level=logging.INFO)\n"
        "spark_session(load_settings(), 'a test')"
    )
    where = {"KPI_HOME": str(home), "SPARK_MASTER_URL": cluster, "KPI_PATIENCE_SECONDS": "3"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env={**os.environ, **_KNOWN, **where, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_cluster_without_room_is_told(tmp_path: Path, cluster: str) -> None:
    done = start_session(tmp_path / "kpi", cluster, KPI_SPARK_EXECUTOR_MEMORY="1g")

    assert f"Waiting for an executor of {cluster}, 0 of at most 3 seconds ..." in done.stderr
    assert "gave no executor in 3 seconds" in done.stderr
    assert "KPI_SPARK_EXECUTOR_MEMORY" in done.stderr


def test_a_cluster_refuses_who_does_not_know_its_secret(tmp_path: Path, cluster: str) -> None:
    another = {"_SPARK_AUTH_SECRET": "of-somebody-else"}
    done = start_session(tmp_path / "kpi", cluster, **another)

    assert f"Spark does not start on {cluster}" in done.stderr
    assert "_SPARK_AUTH_SECRET" in done.stderr
