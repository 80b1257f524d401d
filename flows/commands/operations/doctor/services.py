"""The servers beside the warehouse that the settings name: MLflow, Prefect, S3, Spark."""

import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from flows.errors import KpiError
from flows.platform.storage.buckets import missing_buckets
from flows.platform.tracking.client import require_mlflow_server
from flows.settings import load_settings

_TIMEOUT_SECONDS = 10
_SPARK = "spark://"


def mlflow() -> Iterator[str]:
    """Check that MLflow's server answers."""
    settings = load_settings()
    require_mlflow_server(settings)
    address = settings.mlflow_tracking_uri
    yield f"MLflow: {f'{_shown(address)} answers' if address else 'a database in the home'}"


def prefect() -> Iterator[str]:
    """Check that Prefect's server answers."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        yield "Prefect: in each command's own process, or the server of kpi up"
        return
    try:
        httpx.get(f"{address.rstrip('/')}/health", timeout=_TIMEOUT_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KpiError(
            f"Prefect does not answer at {_shown(address)} ({type(error).__name__}). "
            "Start it, or correct PREFECT_API_URL."
        ) from error
    yield f"Prefect: {_shown(address)} answers"


def object_store() -> Iterator[str]:
    """Check that the object store answers and has the buckets that runs write to."""
    settings = load_settings()
    if settings.storage != "s3":
        yield "storage: a folder in the home"
        return
    if missing := missing_buckets(settings):
        raise KpiError(f"No bucket {', '.join(missing)}: run kpi prepare buckets.")
    yield f"storage: S3 answers at {settings.s3.endpoint_url or 'AWS'}, and has every bucket"


def spark() -> Iterator[str]:
    """Check that a master of Spark's listens."""
    master = load_settings().spark_master_url
    if not master.startswith(_SPARK):
        yield f"Spark: {master}"
        return
    # A cluster may have several, of which one leads.
    addresses = [urlsplit(f"//{one}") for one in master.removeprefix(_SPARK).split(",")]
    if not any(_listens(address.hostname or "", address.port or 7077) for address in addresses):
        raise KpiError(
            f"No Spark master listens at {master}. Start it, or correct KPI_SPARK_MASTER_URL."
        )
    yield f"Spark: {master} listens"


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _TIMEOUT_SECONDS).close()
    except OSError:
        return False
    return True


def _shown(address: str) -> str:
    # People put passwords into addresses.
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
