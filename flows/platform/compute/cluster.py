"""What a Spark session on a cluster is told, whichever kind of cluster it is."""

import socket

from flows.settings import Settings

# Spark's own name of the variable that holds what a cluster asks for.
VARIABLE = "_SPARK_AUTH_SECRET"

# Options are seen in the list of processes. A driver asks whether this one is set, and takes the
# secret from the variable.
_IN_THE_ENVIRONMENT = f"${{env:{VARIABLE}}}"
# Executors ask the driver back, and a container has an address in each of its networks.
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104


def cluster_options(settings: Settings) -> dict[str, str]:
    """Return Spark's options for a master that is not this process.

    They hold no secret. What is not set is left to Spark and to the cluster's own defaults.
    """
    options = {
        "spark.executor.memory": settings.spark_executor_memory,
        "spark.authenticate": str(settings.spark_authenticate).lower(),
    }
    if settings.spark_authenticate:
        options["spark.authenticate.secret"] = _IN_THE_ENVIRONMENT
    host = settings.spark_driver_host
    if host is None and settings.spark_driver_by_name:
        host = socket.gethostname()
    if host:
        # Behind a service of Kubernetes or another forwarded address, it is no address of ours.
        options |= {"spark.driver.host": host, "spark.driver.bindAddress": _EVERY_ADDRESS}
    if settings.spark_driver_port:
        options["spark.driver.port"] = str(settings.spark_driver_port)
    if settings.spark_block_manager_port:
        options["spark.blockManager.port"] = str(settings.spark_block_manager_port)
    if settings.spark_max_executors:
        options |= {
            "spark.dynamicAllocation.enabled": "true",
            # A run waits for the first before it has work for any.
            "spark.dynamicAllocation.initialExecutors": "1",
            "spark.dynamicAllocation.maxExecutors": str(settings.spark_max_executors),
            # Without the external shuffle service, which only YARN runs as a rule.
            "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        }
    return options
