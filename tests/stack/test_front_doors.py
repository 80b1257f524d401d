"""Who gets in, and from where: each service as it stands on this machine."""

import socket

import psutil
import psycopg
import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from tests.prefect_server import ask
from tests.s3_endpoint import client_of
from tests.stack.ask.patient_http import get, post
from tests.stack.stack import PORTS, Stack

WRONG = "not-the-password"


def test_everything_is_published_on_loopback_alone(stack: Stack) -> None:
    published = {
        (port["HostIp"], port["HostPort"])
        for container in stack.containers()
        for ports in container["NetworkSettings"]["Ports"].values()
        for port in ports or []
    }

    assert published == {("127.0.0.1", stack.values[name]) for name in PORTS}


@pytest.mark.parametrize("name", PORTS)
def test_nothing_answers_on_an_address_of_the_machine(stack: Stack, name: str) -> None:
    addresses = [
        address.address
        for interface, found in psutil.net_if_addrs().items()
        # The engine's own bridges lead to the containers, and to nobody else.
        if not interface.startswith(("br-", "docker", "lo", "veth"))
        for address in found
        if address.family == socket.AF_INET
    ]

    assert addresses
    for address in addresses:
        with pytest.raises(OSError, match=r"refused|timed out"):
            socket.create_connection((address, int(stack.values[name])), timeout=2)


@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("postgres", "postgres"),
        ("crypto", "crypto_db"),
        ("mlflow", "mlflow_db"),
        ("prefect", "prefect_db"),
        ("airflow", "airflow_db"),
        ("analyst", "crypto_db"),
        ("app", "crypto_db"),
        ("metrics", "crypto_db"),
    ],
)
def test_postgres_refuses_a_wrong_password(stack: Stack, role: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stack.database_url(role, WRONG, database))


def test_a_service_sees_its_own_database_alone(stack: Stack) -> None:
    password = stack.values["MLFLOW_DB_PASSWORD"]
    psycopg.connect(stack.database_url("mlflow", password, "mlflow_db")).close()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(stack.database_url("mlflow", password, "crypto_db"))


def test_the_object_store_refuses_a_wrong_key(stack: Stack) -> None:
    assert client_of(stack.s3).list_buckets()["Buckets"]
    wrong = stack.s3.model_copy(update={"secret_access_key": SecretStr(WRONG)})
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client_of(wrong).list_buckets()
    assert get(f"{stack.address('MINIO')}/ge-artifacts/").status_code == 403


def test_redis_refuses_who_has_no_password(stack: Stack) -> None:
    asked = ("exec", "-T", "--env", "REDISCLI_AUTH=", "redis", "redis-cli", "ping")
    assert "NOAUTH" in stack.compose(*asked)


def test_jupyter_asks_for_its_token(stack: Stack) -> None:
    contents = f"{stack.address('JUPYTER')}/api/contents"
    for token, status in ((WRONG, 403), (stack.values["JUPYTER_TOKEN"], 200)):
        found = get(contents, headers={"Authorization": f"token {token}"})
        assert found.status_code == status
    assert "welcome.ipynb" in [item["name"] for item in found.json()["content"]]


def test_airflow_asks_for_its_password(stack: Stack) -> None:
    for password, status in ((WRONG, 401), (stack.values["AIRFLOW_ADMIN_PASSWORD"], 201)):
        login = {"username": "admin", "password": password}
        found = post(f"{stack.address('AIRFLOW')}/auth/token", json=login)
        assert found.status_code == status
    health = get(f"{stack.address('AIRFLOW')}/api/v2/monitor/health").json()
    for part in ("metadatabase", "scheduler", "dag_processor"):
        assert health[part]["status"] == "healthy"


def test_mlflow_answers_no_page_but_its_own(stack: Stack) -> None:
    search = f"{stack.address('MLFLOW')}/api/2.0/mlflow/experiments/search"
    for origin, status in ((stack.address("MLFLOW"), 200), ("https://example.com", 403)):
        found = post(search, json={"max_results": 1}, headers={"Origin": origin})
        assert found.status_code == status


@pytest.mark.parametrize("service", ["MLFLOW", "PREFECT", "STREAMLIT"])
def test_no_other_page_and_no_other_host_is_answered(stack: Stack, service: str) -> None:
    here = stack.address(service)
    for headers, status in (
        ({"Origin": here}, 200),
        ({"Origin": "https://example.com"}, 403),
        ({"Host": "example.com"}, 421),
    ):
        assert get(here, headers=headers).status_code == status
    assert get(here).headers["content-security-policy"].startswith("default-src 'self' ")


def test_prefect_wants_a_token_and_holds_no_database_password(stack: Stack) -> None:
    server = stack.address("PREFECT")
    assert post(f"{server}/api/flows/", json={"name": "planted"}).status_code == 403
    secrets = {"include_secrets": True}
    blocks = ask(server, "POST", "/block_documents/filter", secrets).text
    assert "kpi-results" in blocks
    assert not any(value in blocks for key, value in stack.values.items() if "DB_PASSWORD" in key)


def test_pgadmin_opens_with_the_server_registered(stack: Stack, page: Page) -> None:
    for password in (WRONG, stack.values["PGADMIN_PASSWORD"]):
        page.goto(f"{stack.address('PGADMIN')}/login")
        page.locator("input[name=email]").fill("admin@example.com")
        page.locator("input[name=password]").fill(password)
        page.get_by_role("button", name="Login", exact=True).click()
        if password == WRONG:
            expect(page.get_by_text("Incorrect username or password.")).to_be_visible()
    page.get_by_text("Servers", exact=True).first.dblclick()
    expect(page.get_by_text("KPI Delivery", exact=True)).to_be_visible()
