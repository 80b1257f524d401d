"""Which options a Spark session has: by where it runs, and by how much it reads."""

import os

from flows.platform.compute.cluster import cluster_options
from flows.settings import Settings

# Training jobs are short, so a JIT compiler that starts fast beats one that optimizes well.
# Building features for more users than one machine holds is different.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Room for short-lived objects; otherwise jobs pause for garbage collection every 0.2 seconds.
_ROOM_FOR_FEW = "-Xmn400m"
FEW_ROWS = 20_000
"""Up to this many rows, planning and compiling a query cost more than running it; results are
equal."""
_FOR_FEW = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    # Each iteration of a fit broadcasts a hundred numbers, for which Spark allocates 4 MB.
    "spark.broadcast.blockSize": "64k",
}
# Every option is set, because an existing session keeps its options until they are overridden.
_FOR_MANY = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}


def session_options(
    settings: Settings, rows: int | None, *, long_jobs: bool
) -> tuple[dict[str, str], list[str]]:
    """Return Spark's options of a session that reads so many rows, and the driver's for Java.

    For few rows it is cheap, here and on a cluster, whose own defaults hold for many; an unknown
    number counts as many. `long_jobs` get an optimizing JIT compiler, and are never for few rows.
    """
    local = settings.spark_master_url.startswith("local")
    few = not long_jobs and rows is not None and rows <= FEW_ROWS
    options = {} if local else cluster_options(settings)
    if few:
        options |= _FOR_FEW
        if not local:
            # Not the extra ones, which belong to whoever runs the cluster, and come after these.
            options["spark.executor.defaultJavaOptions"] = SHORT_LIVED
    elif local:
        options |= _FOR_MANY
    java = []
    if few or (local and not long_jobs):
        java.append(SHORT_LIVED)
    if few:
        java.append(_ROOM_FOR_FEW)
    return options, java
