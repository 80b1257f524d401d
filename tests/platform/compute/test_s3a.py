"""The jars that lead Spark to `s3a://`: only where they are needed, never twice, never silently."""

from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.platform.compute.s3a import s3a_options
from flows.platform.compute.spark import spark_session
from flows.settings import Settings

NAMES = ("aws-java-sdk-bundle-1.11.901.jar", "hadoop-aws-3.3.1.jar")
CONNECTOR = "/opt/jars/hadoop-aws-3.3.4.jar,/opt/jars/aws-java-sdk-bundle-1.12.262.jar"
BUCKET = "s3a://bucket/spark"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder as the images have it."""
    folder = tmp_path / "s3a"
    folder.mkdir()
    for name in (*NAMES, "README.md"):
        (folder / name).touch()
    return folder


def on_s3(folder: Path | None, storage: str | None = BUCKET, **options: str) -> Settings:
    return Settings(
        spark_s3a_jars=folder,
        spark_shared_storage=storage,
        spark_options={f"spark.{name}": value for name, value in options.items()},
    )


def test_a_run_brings_the_jars_to_its_executors(ours: Path) -> None:
    options = s3a_options(on_s3(ours))

    assert options["spark.jars"] == ",".join(str(ours / name) for name in NAMES)


@pytest.mark.parametrize("storage", [None, "hdfs:///kpi", "file:///mnt/kpi"])
def test_who_does_not_use_s3_pays_nothing(ours: Path, storage: str | None) -> None:
    assert s3a_options(on_s3(ours, storage)) == {}


def test_jars_for_something_else_stay(ours: Path) -> None:
    found = s3a_options(on_s3(ours, jars="/opt/jars/postgresql.jar"))["spark.jars"].split(",")

    assert found == ["/opt/jars/postgresql.jar", *(str(ours / name) for name in NAMES)]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("jars", CONNECTOR),
        ("jars", "/opt/jars/*.jar"),
        ("jars.packages", "org.apache.hadoop:hadoop-aws:3.3.4"),
        ("driver.extraClassPath", CONNECTOR.replace(",", ":")),
    ],
)
def test_a_connector_that_the_options_name_is_the_only_one(
    ours: Path, option: str, value: str
) -> None:
    assert s3a_options(on_s3(ours, BUCKET, **{option: value})) == {}


def test_a_connector_that_became_part_of_spark_is_the_only_one(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spark" / "jars").mkdir(parents=True)
    (tmp_path / "spark" / "jars" / "hadoop-aws-3.3.4.jar").touch()
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "spark"))

    assert s3a_options(on_s3(ours)) == {}


def test_jars_of_another_name_may_hold_one() -> None:
    assert s3a_options(on_s3(None, jars="/opt/jars/all-in-one.jar")) == {}


@pytest.mark.parametrize("folder", [None, Path("empty")])
def test_none_at_all_is_told_before_spark_starts(
    settings: Settings, tmp_path: Path, folder: Path | None
) -> None:
    jars = folder and tmp_path / folder
    storage = {"spark_shared_storage": BUCKET, "spark_s3a_jars": jars}
    nowhere = settings.model_copy(update=storage)

    with pytest.raises(KpiError, match=r"KPI_SPARK_S3A_JARS.*needs Hadoop's.*docs/scale\.md"):
        spark_session(nowhere, "a test")
