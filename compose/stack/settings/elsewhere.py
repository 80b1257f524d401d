"""What follows from which servers and workers are the platform's own, and which are elsewhere."""

from compose.stack.settings.environment import (
    LOCAL_SPARK,
    SPARK_OF_THE_PLATFORM,
    assignments,
    described,
    with_value,
)
from compose.stack.settings.passwords import STORE_SECRETS

POSTGRES_OF_THE_PLATFORM = "postgres:5432"
STORE_OF_THE_PLATFORM = "http://minio:9000"
USERS_OF_MINIO = "minio"
KEYS_OF_ONES_OWN = "own"
RUNS_OF_THE_PLATFORM = "process"

_PARTS = ("SECRET_ACCESS_KEY", "ACCESS_KEY_ID")


def with_what_is_elsewhere(text: str) -> str:
    """The text with all that follows from where PostgreSQL, the S3 store, Spark and runs are.

    Whether PostgreSQL, MinIO and Prefect's workers run here, whether services get users of MinIO,
    whether Spark asks for our secret, and whether services may reach what is outside.
    """
    values = described(text)
    own_postgres = values["POSTGRES_ADDRESS"] == POSTGRES_OF_THE_PLATFORM
    own_store = values["S3_ENDPOINT_URL"] == STORE_OF_THE_PLATFORM
    own_spark = _is_own_spark(values["SPARK_MASTER_URL"])
    follows = {
        "POSTGRES_SERVERS": "1" if own_postgres else "0",
        "MINIO_SERVERS": "1" if own_store else "0",
        "SPARK_AUTHENTICATE": "true" if own_spark else "false",
        "NETWORKS_LEAD_OUT": "false" if own_postgres and own_store and own_spark else "true",
    }
    if values["PREFECT_WORK_POOL_TYPE"] != RUNS_OF_THE_PLATFORM:
        follows["PREFECT_WORKERS"] = "0"
    elif values["PREFECT_WORKERS"] == "0":
        follows["PREFECT_WORKERS"] = "1"
    for name, value in follows.items():
        if values[name] != value:
            text = with_value(text, name, value)
    return _with_store_users(text, own_store=own_store)


def _is_own_spark(master: str) -> bool:
    # local[*], local[2], and the platform's cluster.
    return master.startswith(LOCAL_SPARK.partition("[")[0]) or master == SPARK_OF_THE_PLATFORM


def _with_store_users(text: str, *, own_store: bool) -> str:
    """The text with keys of MinIO for each service; without them where the store is another one."""
    if described(text)["S3_USERS"] != USERS_OF_MINIO:
        return text
    if not own_store:
        # Nobody else knows these keys.
        text = with_value(text, "S3_USERS", KEYS_OF_ONES_OWN)
    for name, secret in STORE_SECRETS.items():
        service = name.split("_")[1]
        user = f"kpi-{service.lower()}" if own_store else ""
        text = with_value(text, name.replace(*_PARTS), user)
        if not own_store:
            text = with_value(text, name, "")
        elif not assignments(text).get(name):
            text = with_value(text, name, secret.generate())
    return text
