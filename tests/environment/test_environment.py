"""Variables of other tools reach us where we want them to, and nowhere else."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from flows.environment import (
    VARIABLES,
    check_certificates,
    reach_this_machine_directly,
    set_aside,
    told_variables,
)
from flows.errors import BadInput
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import connect
from flows.settings import Settings
from tests.environment.foreign_variables import FOREIGN, NOBODY


@pytest.fixture
def _foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def address() -> Iterator[str]:
    """A server on this machine."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("listed", [None, "example.com"])
def test_this_machine_is_reached_without_the_proxy(
    listed: str | None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    if listed:
        monkeypatch.setenv("NO_PROXY", listed)
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)

    reach_this_machine_directly()
    reach_this_machine_directly()

    assert httpx.get(address).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://example.org")  # whose proxy is nobody
    assert os.environ["NO_PROXY"] == ",".join(filter(None, [listed, "127.0.0.1,localhost,::1"]))


def test_a_warehouse_s_connections_say_themselves_where_and_how(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGCLIENTENCODING", "PGHOSTADDR", "PGSERVICE", "PGTZ"):
        monkeypatch.setenv(name, FOREIGN[name])
    # KPI_DATABASE_URL leaves it out, so it is obeyed.
    monkeypatch.setenv("PGSSLMODE", "disable")

    with connect(settings, "test") as connection:
        shown = connection.execute(
            "SELECT current_setting('timezone') AS zone, current_setting('client_encoding') AS code"
        ).fetchone()

    assert shown == {"zone": "UTC", "code": "UTF8"}
    assert os.environ["PGSSLMODE"] == "disable"


@pytest.mark.usefixtures("_foreign")
def test_models_are_where_the_settings_say(tmp_path: Any) -> None:
    client = mlflow_client(Settings(home=tmp_path))
    import mlflow

    place = f"sqlite:///{tmp_path}/mlflow/mlflow.db"
    assert client.tracking_uri == mlflow.get_registry_uri() == place
    assert client.search_registered_models() == []
    assert not {"MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"} & set(os.environ)


def test_certificates_that_are_not_there_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    check_certificates()
    monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/gone.pem")
    with pytest.raises(BadInput, match=r"SSL_CERT_FILE names .*gone\.pem, which does not exist"):
        check_certificates()


def test_only_what_misleads_the_tool_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("SPARK_HOME", "SPARK_LOCAL_IP", "SPARK_MASTER_URL", "PGUSER", "AWS_PROFILE")
    for name in names:
        monkeypatch.setenv(name, "x")

    set_aside("Spark")

    assert [name for name in names if name not in os.environ] == ["SPARK_HOME"]


@pytest.mark.usefixtures("_foreign")
def test_each_variable_is_told_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "a-secret")
    told = list(told_variables())

    assert {line.partition(":")[0] for line in told} >= {*FOREIGN, "PGPASSWORD"}
    assert "a-secret" not in "".join(told)
    assert all(entry.effect.split()[0].strip(":,") in ("obeyed", "set") for entry in VARIABLES)
