"""The examples of docs/scale.md: what Spark is told, and that its packages know each option."""

import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyspark
import pytest
import yaml

from flows.paths import REPOSITORY
from flows.platform.compute.cluster import cluster_options
from flows.settings import Settings

TEXT = (REPOSITORY / "docs" / "scale.md").read_text(encoding="utf-8")
JARS = Path(pyspark.__file__).parent / "jars"

OF_BOTH = {
    "spark.authenticate": "false",
    # Executors reach the run at whichever address of its machine they know.
    "spark.driver.bindAddress": "0.0.0.0",  # noqa: S104
    "spark.driver.port": "7078",
    "spark.blockManager.port": "7079",
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.initialExecutors": "1",
    "spark.dynamicAllocation.maxExecutors": "8",
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.executor.memory": "4g",
    "spark.executor.memoryOverhead": "1g",
}
TOLD = {
    "YARN": {
        **OF_BOTH,
        "spark.driver.host": "kpi.example.com",
        "spark.executor.cores": "2",
        "spark.yarn.archive": "hdfs:///kpi/spark-3.5.9-jars.zip",
        "spark.yarn.queue": "kpi",
    },
    "Kubernetes": {
        **OF_BOTH,
        "spark.driver.host": "kpi-driver.kpi.svc",
        "spark.kubernetes.container.image": "REGISTRY/kpi-spark:3.5.9",
        "spark.kubernetes.executor.podNamePrefix": "kpi",
        "spark.kubernetes.executor.request.cores": "2",
        "spark.kubernetes.namespace": "kpi",
    },
}
OUTSIDE = {
    "YARN": ("yarn", "hdfs:///kpi/spark", Path("/etc/hadoop/conf")),
    "Kubernetes": ("k8s://https://kubernetes.default.svc:443", "s3a://BUCKET/spark", None),
}


def block(heading: str, kind: str) -> str:
    """The first block of this kind below the heading."""
    found = re.search(rf"^#+ {heading}\n.*?```{kind}\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    assert found, f"{heading} has no block {kind}"
    return found[1]


def as_written(heading: str, folder: Path) -> Settings:
    file = folder / ".env"
    file.write_text(block(heading, "dotenv"), encoding="utf-8")
    return Settings(_env_file=file)


@pytest.mark.parametrize("heading", TOLD)
def test_spark_is_told_what_the_example_says(heading: str, tmp_path: Path) -> None:
    settings = as_written(heading, tmp_path)

    # As a session does it: an option of one's own wins.
    assert {**cluster_options(settings), **settings.spark_options} == TOLD[heading]
    assert settings.churn.feature_engine == "spark"
    outside = (settings.spark_master_url, settings.spark_shared_storage, settings.spark_hadoop_conf)
    assert outside == OUTSIDE[heading]


def test_spark_knows_each_option() -> None:
    wanted = {name for options in TOLD.values() for name in options}
    known: set[str] = set()
    for jar in ("spark-core", "spark-yarn", "spark-kubernetes"):
        [file] = JARS.glob(f"{jar}_*.jar")
        with ZipFile(file) as classes:
            for name in classes.namelist():
                if "config" in name.lower() and name.endswith(".class"):
                    content = classes.read(name)
                    # How a class holds a text: its length, then its letters.
                    known |= {
                        one
                        for one in wanted - known
                        if len(one).to_bytes(2, "big") + one.encode() in content
                    }
    assert wanted <= known


def test_the_examples_are_of_the_spark_that_runs() -> None:
    [hadoop] = JARS.glob("hadoop-client-api-*.jar")
    versions = set(re.findall(r"[Ss]park[ :-]+(3\.\d+\.\d+)", TEXT))

    assert versions == {pyspark.__version__}
    assert f"hadoop-aws-{hadoop.stem.rpartition('-')[2]}.jar" in TEXT


def test_the_way_to_minio_is_made_of_what_compose_has() -> None:
    ours = yaml.safe_load((REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
    example: dict[str, Any] = yaml.safe_load(block("Where the files are", "yaml"))

    [(service, added)] = example["services"].items()
    [network] = added["networks"]
    assert service in ours["services"]
    assert network in ours["services"]["spark-worker"]["networks"]
    assert network not in ours["services"][service]["networks"], "then no example is needed"
