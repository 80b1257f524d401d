"""A standalone cluster of Spark's own master and workers, which asks for a secret."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.compute.spark import java_home
from flows.settings import Settings

SECRET = {"_SPARK_AUTH_SECRET": "of-the-cluster"}
# What a run needs to be let in; its driver listens as in a container with several networks.
KNOWN = {**SECRET, "KPI_SPARK_AUTHENTICATE": "true", "KPI_SPARK_DRIVER_BY_NAME": "true"}
WORKERS = ("one", "two")

_PATIENCE = 300
_DEPLOY = "org.apache.spark.deploy"


@dataclass(frozen=True)
class Cluster:
    """Where the master is, and where the workers keep what executors do."""

    master: str
    folder: Path

    def executors(self) -> list[int]:
        """Return how many applications each worker has had an executor of."""
        return [len(list((self.folder / name).glob("app-*"))) for name in WORKERS]


@contextmanager
def standalone_cluster(folder: Path, memory: str = "600m") -> Iterator[Cluster]:
    """Run a master and two workers, each of one core and so much memory, until the block ends.

    Raises KpiError when they do not come up in five minutes.
    """
    port, ui = str(free_port()), str(free_port())
    where = ["--host", LOOPBACK, "--port", port, "--webui-port", ui]
    address = f"spark://{LOOPBACK}:{port}"
    with ExitStack() as running:
        master = running.enter_context(_process(folder, f"{_DEPLOY}.master.Master", *where))
        _wait_for(master, "New state: ALIVE", 1)
        each = ["--cores", "1", "--memory", memory, "--host", LOOPBACK, "--webui-port", "0"]
        for name in WORKERS:
            work = ["--work-dir", str(folder / name)]
            worker = _process(folder, f"{_DEPLOY}.worker.Worker", *each, *work, address)
            running.enter_context(worker)
        _wait_for(master, "Registering worker", len(WORKERS))
        yield Cluster(address, folder)


@contextmanager
def _process(folder: Path, role: str, *arguments: str) -> Iterator[Path]:
    """Run a master or a worker until the block ends; yields its log."""
    import pyspark

    spark = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        **SECRET,
        "JAVA_HOME": str(java_home(Settings(home=folder))),
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_JAVA_OPTS": "-Dspark.authenticate=true",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    log = folder / f"{role.rsplit('.', 1)[-1]}-{uuid4()}.log"
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


def _wait_for(log: Path, words: str, times: int) -> None:
    if not wait_until(lambda: log.read_text().count(words) == times, _PATIENCE):
        raise KpiError(f"Spark's cluster does not come up: look for {words!r} in {log}.")
