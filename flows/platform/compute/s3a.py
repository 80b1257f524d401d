"""The jars that lead Spark to `s3a://`: Spark does not bring them, our images do."""

from pathlib import Path
from typing import Any

from flows.errors import KpiError
from flows.settings import Settings

SCHEME = "s3a://"

_CONNECTOR = "hadoop-aws"
_JARS = "spark.jars"
# By which of Spark's options people bring classes of their own.
_OF_ONES_OWN = (
    *(_JARS, "spark.jars.packages"),
    *("spark.driver.extraClassPath", "spark.executor.extraClassPath"),
)


def s3a_options(settings: Settings) -> dict[str, str]:
    """Return Spark's options that add the jars of `KPI_SPARK_S3A_JARS`, where they are needed.

    Only `s3a://` needs them: Java reads the list of 200 MB of classes. Where Spark itself or
    `KPI_SPARK_OPTIONS` has a connector, that is the only one: two versions of one class are worse
    than an old one. Raises KpiError when there is no connector at all.
    """
    storage = settings.spark_shared_storage or ""
    if not storage.startswith(SCHEME) or _spark_has_it():
        return {}
    own = [value for name in _OF_ONES_OWN if (value := settings.spark_options.get(name))]
    # What a pattern stands for is Spark's to find out.
    if any(_CONNECTOR in value or "*" in value for value in own):
        return {}
    folder = settings.spark_s3a_jars
    if folder and (ours := sorted(str(jar.absolute()) for jar in folder.glob("*.jar"))):
        others = settings.spark_options.get(_JARS, "").split(",")
        return {
            # The run brings them to its executors. Where those have the file themselves (`local:`),
            # Spark copies it all the same.
            _JARS: ",".join([*filter(None, others), *ours]),
            # An executor needs them once: a copy for others on its machine is one too many.
            "spark.files.useFetchCache": "false",
        }
    if own:  # perhaps under another name
        return {}
    nothing = (
        f"KPI_SPARK_S3A_JARS={folder} has no jars" if folder else "KPI_SPARK_S3A_JARS is empty"
    )
    raise KpiError(
        f"{nothing}, and KPI_SPARK_SHARED_STORAGE={storage} needs Hadoop's connector: "
        "docs/scale.md says which, and where it comes from."
    )


def _spark_has_it() -> bool:
    from pyspark import find_spark_home

    finder: Any = find_spark_home
    return any(Path(finder._find_spark_home(), "jars").glob(f"{_CONNECTOR}-*.jar"))
