"""A session is cheap for few rows, wherever it runs, and fast for many."""

import pytest

from flows.platform.compute.session_options import session_options
from flows.settings import Settings

HERE, CLUSTER = Settings(), Settings(spark_master_url="spark://master:7077")
CODE = "spark.sql.codegen.wholeStage"
EXECUTORS = "spark.executor.defaultJavaOptions"
QUICK = "-XX:TieredStopAtLevel=1"


@pytest.mark.parametrize("settings", [HERE, CLUSTER], ids=["here", "cluster"])
def test_for_few_rows_no_code_is_generated_and_java_optimizes_little(settings: Settings) -> None:
    options, java = session_options(settings, 20_000, long_jobs=False)

    assert options[CODE] == "false"
    assert QUICK in " ".join(java)


def test_executors_of_a_cluster_do_the_same_for_few_rows() -> None:
    assert QUICK in session_options(CLUSTER, 5, long_jobs=False)[0][EXECUTORS]
    assert EXECUTORS not in session_options(HERE, 5, long_jobs=False)[0]


@pytest.mark.parametrize(("rows", "long_jobs"), [(20_001, False), (None, False), (5, True)])
def test_else_a_clusters_own_defaults_hold(rows: int | None, *, long_jobs: bool) -> None:
    options, java = session_options(CLUSTER, rows, long_jobs=long_jobs)

    assert options.keys().isdisjoint({CODE, EXECUTORS, "spark.sql.shuffle.partitions"})
    assert java == []


@pytest.mark.parametrize(("rows", "long_jobs"), [(20_001, False), (None, False), (5, True)])
def test_else_this_machine_generates_code(rows: int | None, *, long_jobs: bool) -> None:
    options, java = session_options(HERE, rows, long_jobs=long_jobs)

    assert options[CODE] == "true"
    assert (QUICK in " ".join(java)) is not long_jobs
