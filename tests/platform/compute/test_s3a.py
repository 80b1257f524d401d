"""The jars that lead Spark to `s3a://`: only where they are needed, and said where they lack."""

from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.platform.compute.s3a import s3a_options
from flows.settings import Settings


def on_s3(jars: Path | None, storage: str | None = "s3a://bucket/spark") -> Settings:
    return Settings(spark_s3a_jars=jars, spark_shared_storage=storage)


def test_executors_take_the_jars_from_where_the_run_has_them(tmp_path: Path) -> None:
    for name in ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar", "README.md"):
        (tmp_path / name).touch()

    assert s3a_options(on_s3(tmp_path)) == {
        "spark.jars": f"local:{tmp_path}/aws-java-sdk-bundle-1.11.901.jar,"
        f"local:{tmp_path}/hadoop-aws-3.3.1.jar"
    }


@pytest.mark.parametrize("storage", [None, "hdfs:///kpi", "file:///mnt/kpi"])
def test_who_does_not_use_s3_pays_nothing(tmp_path: Path, storage: str | None) -> None:
    assert s3a_options(on_s3(tmp_path, storage)) == {}


def test_without_a_folder_spark_has_them_some_other_way() -> None:
    assert s3a_options(on_s3(None)) == {}


def test_an_empty_folder_is_told_before_spark_starts(tmp_path: Path) -> None:
    with pytest.raises(KpiError, match=r"KPI_SPARK_S3A_JARS=\S+ has no jars, .*docs/scale\.md"):
        s3a_options(on_s3(tmp_path))
