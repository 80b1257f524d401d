"""The jars that lead Spark to `s3a://`: Spark does not bring them, our images do."""

from flows.errors import KpiError
from flows.settings import Settings

SCHEME = "s3a://"


def s3a_options(settings: Settings) -> dict[str, str]:
    """Return Spark's option that adds the jars of `KPI_SPARK_S3A_JARS`, where they are needed.

    Only `s3a://` needs them: Java reads the list of 200 MB of classes. Without the folder, whoever
    starts Spark has brought the jars some other way. Raises KpiError when the folder has none.
    """
    folder = settings.spark_s3a_jars
    storage = settings.spark_shared_storage or ""
    if folder is None or not storage.startswith(SCHEME):
        return {}
    jars = sorted(folder.glob("*.jar"))
    if not jars:
        raise KpiError(
            f"KPI_SPARK_S3A_JARS={folder} has no jars, and KPI_SPARK_SHARED_STORAGE={storage} "
            "needs Hadoop's connector: docs/scale.md says which, and where they come from."
        )
    # Executors find them where the run does; nothing is sent.
    return {"spark.jars": ",".join(f"local:{jar.absolute()}" for jar in jars)}
