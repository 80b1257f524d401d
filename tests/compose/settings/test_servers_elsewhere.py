"""The compose file as an environment file fills it in, where servers are somebody else's."""

import re
from typing import Any

import pytest
import yaml

from compose.stack.settings.elsewhere import with_what_is_elsewhere
from compose.stack.settings.environment import assignments, first_text, with_value
from compose.stack.settings.values import values_are_usable
from flows.paths import REPOSITORY
from tests.compose.settings.filled_in import filled_in

COMPOSE = (REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8")
POSTGRES = {
    "POSTGRES_ADDRESS": "db.example.com:5433",
    "POSTGRES_ADMINISTRATOR": "dba",
    "POSTGRES_SSLMODE": "require",
}
BY_ROLE = {
    "S3_ENDPOINT_URL": "",
    "S3_ACCESS_KEY_ID": "",
    "S3_SECRET_ACCESS_KEY": "",
    "S3_BUCKET_PREFIX": "acme-",
}
WITH_KEYS = {
    "S3_ENDPOINT_URL": "https://s3.example.com",
    "S3_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "S3_SECRET_ACCESS_KEY": "a-secret-of-theirs",
}
# A store may be named as it is; nobody may be sent there.
OF_THE_PLATFORM = re.compile(r"(?<![\w-])(postgres:5432|minio:9000)\b")


def rendered(**values: str) -> dict[str, Any]:
    """The services as Compose understands them with this environment file."""
    text = first_text()
    for name, value in values.items():
        text = with_value(text, name, value)
    described = assignments(with_what_is_elsewhere(text))
    values_are_usable(described, "compose/.env")
    return dict(yaml.safe_load(filled_in(COMPOSE, described)))


def none_of(services: dict[str, Any]) -> set[str]:
    """The services of which none starts."""
    return {name for name, service in services.items() if int(service.get("scale", 1)) == 0}


def test_by_default_everything_is_the_platforms_own() -> None:
    assert none_of(rendered()["services"]) == set()


@pytest.mark.parametrize(
    ("values", "none"),
    [
        (POSTGRES, {"postgres"}),
        (BY_ROLE, {"minio", "minio-folder"}),
        (WITH_KEYS, {"minio", "minio-folder"}),
        ({**POSTGRES, **BY_ROLE}, {"minio", "minio-folder", "postgres"}),
    ],
    ids=["PostgreSQL", "S3 by role", "S3 with keys", "both"],
)
def test_what_is_elsewhere_does_not_start_and_nobody_is_sent_to_it(
    values: dict[str, str], none: set[str]
) -> None:
    compose = rendered(**values)
    services = compose["services"]

    assert none_of(services) == none
    asked = set(OF_THE_PLATFORM.findall(str([s for n, s in services.items() if n not in none])))
    assert {address.partition(":")[0] for address in asked}.isdisjoint(none)
    # Who asks somebody else needs a way there.
    masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    options = [network.get("driver_opts", {}) for network in compose["networks"].values()]
    assert {option[masquerade] for option in options if masquerade in option} == {"true"}


def test_one_who_asks_a_server_elsewhere_is_in_a_network_that_leads_out() -> None:
    compose = rendered(**POSTGRES, **BY_ROLE)
    leads_out = {
        name for name, network in compose["networks"].items() if not network.get("internal")
    }

    for name, service in compose["services"].items():
        if re.search(r"db\.example\.com|acme-|KPI_STORAGE", str(service)):
            assert leads_out & set(service["networks"]), name


def test_no_service_has_a_key_where_the_machines_role_counts() -> None:
    services = rendered(**BY_ROLE)["services"]
    keys = re.compile(r"(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$")

    found = {
        f"{service}.{name}": value
        for service, described in services.items()
        if service not in none_of(services) and isinstance(described.get("environment"), dict)
        for name, value in described["environment"].items()
        if keys.search(name)
    }
    assert len(found) > 8
    assert set(found.values()) == {None}
    connection = services["airflow-worker"]["environment"]["AIRFLOW_CONN_KPI_S3"]
    assert '"login": "", "password": ""' in " ".join(connection.split())


def test_the_administrator_of_a_server_elsewhere_makes_what_services_need() -> None:
    environment = rendered(**POSTGRES)["services"]["databases"]["environment"]

    admin = environment["KPI_PREPARE__ADMIN_URL"]
    assert re.fullmatch(
        r"postgresql://dba:\w+@db\.example\.com:5433/postgres\?sslmode=require&sslrootcert=", admin
    )
    databases = re.findall(r"/(\w+)\?sslmode=require", environment["KPI_PREPARE__DATABASE_URLS"])
    assert databases == ["crypto_db", "mlflow_db", "prefect_db", "airflow_db"]
