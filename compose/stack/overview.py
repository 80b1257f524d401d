"""Where the services are, and where their passwords stand."""

from collections.abc import Mapping
from typing import NamedTuple

from compose.stack.profiles import CORE, parts


class Place(NamedTuple):
    """A service as a person finds it; the address and login are templates of the variables."""

    part: str
    name: str
    address: str
    user: str = ""
    password: str = ""


PLACES = (
    Place(CORE, "App", "http://127.0.0.1:{STREAMLIT_PORT}"),
    Place(CORE, "Prefect", "http://127.0.0.1:{PREFECT_PORT}"),
    Place(CORE, "MLflow", "http://127.0.0.1:{MLFLOW_PORT}"),
    Place(
        CORE,
        "MinIO",
        "http://127.0.0.1:{MINIO_CONSOLE_PORT}",
        "user {S3_ACCESS_KEY_ID}",
        "S3_SECRET_ACCESS_KEY",
    ),
    Place(
        CORE,
        "S3",
        "http://127.0.0.1:{MINIO_PORT}",
        "key {S3_ACCESS_KEY_ID}",
        "S3_SECRET_ACCESS_KEY",
    ),
    Place(
        CORE,
        "PostgreSQL",
        "postgresql://{WAREHOUSE}/crypto_db",
        "role crypto",
        "CRYPTO_DB_PASSWORD",
    ),
    Place(CORE, "Metrics", "http://127.0.0.1:{METRICS_PORT}/metrics"),
    Place("spark", "Spark", "http://127.0.0.1:{SPARK_UI_PORT}"),
    Place(
        "airflow",
        "Airflow",
        "http://127.0.0.1:{AIRFLOW_PORT}",
        "user admin",
        "AIRFLOW_ADMIN_PASSWORD",
    ),
    Place("tools", "Jupyter", "http://127.0.0.1:{JUPYTER_PORT}", "token", "JUPYTER_TOKEN"),
    Place(
        "tools",
        "pgAdmin",
        "http://127.0.0.1:{PGADMIN_PORT}",
        "user {PGADMIN_EMAIL}",
        "PGADMIN_PASSWORD",
    ),
)

_OF_MINIO = ("MinIO", "S3")


def overview(values: Mapping[str, str], profiles: tuple[str, ...], file: str) -> list[str]:
    """The lines that say where each running service is and which variable holds its password."""
    values = {**values, "WAREHOUSE": warehouse(values)}
    rows = [
        (place.name, place.address.format_map(values), _login(place, values, file))
        for place in PLACES
        if place.part in parts(profiles)
        and not (place.name in _OF_MINIO and values["MINIO_SERVERS"] == "0")
    ]
    names, addresses = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [
        f"{name:<{names}}  {address:<{addresses}}  {login}".rstrip()
        for name, address, login in rows
    ]


def warehouse(values: Mapping[str, str]) -> str:
    """HOST:PORT at which this machine reaches PostgreSQL."""
    if values["POSTGRES_SERVERS"] == "0":
        return values["POSTGRES_ADDRESS"]
    return f"127.0.0.1:{values['POSTGRES_PORT']}"


def _login(place: Place, values: Mapping[str, str], file: str) -> str:
    """Who to log in as, and where the password stands; nothing where anybody may come in."""
    user = place.user.format_map(values)
    return f"{user}, {place.password} in {file}" if place.password else ""


def what_next(values: Mapping[str, str]) -> list[str]:
    """The lines that say what to do with a platform that has just started."""
    return [
        "make crypto-run delivers the crypto events; make help lists the rest.",
        "Prefect's commands find it after "
        f"export PREFECT_API_URL=http://127.0.0.1:{values['PREFECT_PORT']}/api",
    ]
