"""Environment variables of other programs: which of them we obey, and which we set aside.

People set them for work of their own, and libraries in our processes read them as well. What uses
such a library calls `set_aside` first: variables that would lead it elsewhere than our settings
say are removed from this process, and so from those that it starts. `kpi doctor` lists all that
are set. Standard library only: Airflow's environment imports this too.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flows.errors import BadInput

Tool = Literal["PostgreSQL", "embedded server", "Spark", "MLflow", "services"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CERTIFICATES = "SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|AWS_CA_BUNDLE"
JAVA_OPTIONS = "JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS"
PROXIES = "(?i:(HTTP|HTTPS|ALL)_PROXY)"


@dataclass(frozen=True)
class Variables:
    """Variables whose whole name matches the pattern `names`, and what they do to us.

    They are obeyed, except by the tool for which they are `set_aside`.
    """

    names: str
    effect: str
    set_aside: Tool | None = None


# The first that matches a name counts.
VARIABLES = (
    Variables(PROXIES, "obeyed, except for this machine: it is reached directly"),
    Variables("(?i:NO_PROXY)", "obeyed: these machines are reached without the proxy"),
    Variables(CERTIFICATES, "obeyed: whose certificates are trusted"),
    Variables("AWS_.+", "obeyed: keys, region and address where KPI_S3__… leaves them out"),
    Variables(
        "MLFLOW_TRACKING_(USERNAME|PASSWORD|TOKEN|INSECURE_TLS|(SERVER|CLIENT)_CERT_PATH)",
        "obeyed: the login at KPI_MLFLOW_TRACKING_URI",
    ),
    Variables(
        "MLFLOW_((TRACKING|REGISTRY)_URI|EXPERIMENT_(NAME|ID)|RUN_ID)",
        "set aside: KPI_MLFLOW_TRACKING_URI says where models are",
        "MLflow",
    ),
    Variables("PREFECT_API_URL", "obeyed: runs are told to this Prefect server"),
    Variables(
        "PREFECT_(API_KEY|PROFILE|UI_API_URL)",
        "obeyed, except by `kpi up`, which has a Prefect server of its own",
        "services",
    ),
    Variables("PREFECT_.+", "obeyed: Prefect reads it"),
    Variables(
        "(STREAMLIT_SERVER|UVICORN)_.+|WEB_CONCURRENCY",
        "set aside: `kpi up` says how its services listen",
        "services",
    ),
    Variables("SPARK_MASTER_URL", "obeyed, unless KPI_SPARK_MASTER_URL is set"),
    Variables("SPARK_(LOCAL_IP|PUBLIC_DNS)", "obeyed: the address at which a cluster reaches us"),
    Variables("_SPARK_AUTH_SECRET", "obeyed, with KPI_SPARK_AUTHENTICATE: a cluster's secret"),
    Variables(
        # Without two that PySpark sets itself.
        "((PY)?SPARK|HADOOP|YARN)_(?!AUTH_SOCKET_TIMEOUT|BUFFER_SIZE).+",
        "set aside: the Spark that is installed here runs, as KPI_SPARK_… say",
        "Spark",
    ),
    Variables("OPENLINEAGE_.+", "obeyed: where lineage goes, instead of a file in the home"),
    Variables("JAVA_HOME", "set aside: KPI_JAVA_HOME says which Java", "Spark"),
    Variables(JAVA_OPTIONS, "obeyed by Spark's Java"),
    Variables(
        "PG(TZ|DATESTYLE|GEQO|OPTIONS|CLIENTENCODING|HOSTADDR|SERVICE)",
        "set aside: KPI_DATABASE_URL says where the warehouse is, and each connection how",
        "PostgreSQL",
    ),
    Variables(
        "PG[A-Z]+",
        "obeyed where KPI_DATABASE_URL leaves it out, not for the embedded server",
        "embedded server",
    ),
    Variables("PYTHON(HOME|PATH|STARTUP|WARNINGS)", "obeyed by Python, before kpi starts"),
    Variables("LD_(LIBRARY_PATH|PRELOAD)|TMPDIR", "obeyed by every program that we start"),
)


def set_aside(*tools: Tool) -> None:
    """Remove from this process the variables that would lead these tools elsewhere."""
    for name in list(os.environ):
        found = _entry(name)
        if found and found.set_aside in tools:
            os.environ.pop(name, None)


def reach_this_machine_directly() -> None:
    """Make every client in this process and its children pass a proxy by for loopback."""
    if not set_variables(PROXIES):
        return
    # Which of the two is read differs between clients.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name for name in re.split(r"[\s,]+", known) if name]
    if "*" in names:
        # It stands for every machine, and only where it stands alone.
        return
    merged = ",".join([*names, *(name for name in LOOPBACK if name not in names)])
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = merged


def check_certificates() -> None:
    """Raise BadInput for a variable that names certificates which are not there."""
    # Clients would end in a traceback, also where nothing is encrypted.
    for name in set_variables(CERTIFICATES):
        path = os.environ[name]
        if path and not Path(path).exists():
            raise BadInput(f"{name} names {path}, which does not exist: correct it, or unset it.")


def set_variables(names: str) -> list[str]:
    """Return which of the variables whose whole name matches are set."""
    return sorted(name for name in os.environ if re.fullmatch(names, name))


def told_variables() -> Iterator[str]:
    """Yield each variable that is set and what it does to us, without its value."""
    for name in sorted(os.environ):
        if found := _entry(name):
            yield f"{name}: {found.effect}"


def _entry(name: str) -> Variables | None:
    return next((entry for entry in VARIABLES if re.fullmatch(entry.names, name)), None)
