"""The app shows Data Docs and drift reports to any browser, and nothing that lies beside them."""

import asyncio
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.artifact_pages import ROUTE
from benchmarks.app.served import served_app
from flows.churn.folders import drift_report
from flows.local.machine import LOOPBACK, free_port
from flows.platform.storage import object_store
from flows.platform.storage.layout import (
    artifacts_folder,
    data_docs_index,
    great_expectations_folder,
)
from flows.platform.storage.object_store import path_in_app, put
from flows.settings import Settings, load_settings
from tests.s3_endpoint import s3_endpoint

DAY = date(2026, 6, 28)
REFUSED = (
    "/artifacts/ge-artifacts/validations/result.json",
    "/artifacts/ge-artifacts/data_docs/none.html",
    "/artifacts/ge-artifacts/data_docs",
    "/artifacts/ge-artifacts/data_docs/",
    "/artifacts/ge-artifacts/data_docs-private/index.html",
    "/artifacts/ge-artifacts/data_docs/%2e%2e/validations/result.json",
    "/artifacts/ge-artifacts/data_docs/..%2fvalidations/result.json",
    "/artifacts/ge-artifacts/data_docs/%2Fetc/passwd",
    "/artifacts/mlflow-artifacts/1/model.json",
    "/artifacts/mlflow-artifacts/drift-reports/../1/model.json",
    "/artifacts/kpi-runs/logs/a-flow/1.log",
    "/artifacts/%2e%2e/private.txt",
    "/artifacts/..%2f..%2fprivate.txt",
    "/artifacts/ours-ge-artifacts/data_docs/index.html",
    "/artifacts/ge-artifacts/",
)


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The app's settings, with pages and other files kept in a folder, or in S3 with a prefix."""
    if request.param == "folder":
        yield kept()
        return
    with s3_endpoint("ours-ge-artifacts", "ours-mlflow-artifacts", "ours-kpi-runs") as s3:
        assert s3.secret_access_key
        for name, value in {
            "STORAGE": "s3",
            "S3__ENDPOINT_URL": s3.endpoint_url,
            "S3__ACCESS_KEY_ID": s3.access_key_id,
            "S3__SECRET_ACCESS_KEY": s3.secret_access_key.get_secret_value(),
            "S3__BUCKET_PREFIX": "ours-",
        }.items():
            monkeypatch.setenv(f"KPI_{name}", str(value))
        yield kept()


def kept() -> Settings:
    """Keep two pages and what lies beside them."""
    settings = load_settings()
    great_expectations, artifacts = great_expectations_folder(settings), artifacts_folder(settings)
    for path, text in {
        data_docs_index(settings): "<h1>Data Docs ñ",
        data_docs_index(settings).with_name("data docs.css"): "body {}",
        drift_report(settings, DAY): "<h1>Drift",
        great_expectations / "validations" / "result.json": "a secret",
        great_expectations / "data_docs-private" / "index.html": "a secret",
        artifacts / "mlflow-artifacts" / "1" / "model.json": "a secret",
        artifacts / "kpi-runs" / "logs" / "a-flow" / "1.log": "a secret",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        put(settings, path)
        if settings.storage == "s3":
            path.unlink()
    return settings


def ask(address: str) -> httpx.Response:
    """Ask for a kept page, without the rest of the app."""

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=[ROUTE]))
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.get(address)

    return asyncio.run(get())


def test_pages_are_shown_as_what_they_are(settings: Settings) -> None:
    page = ask("/artifacts/ge-artifacts/data_docs/index.html")
    assert (page.status_code, page.text) == (200, "<h1>Data Docs ñ")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"].startswith("sandbox ")
    style = ask(path_in_app(settings, data_docs_index(settings).with_name("data docs.css")))
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert ask(path_in_app(settings, drift_report(settings, DAY))).text == "<h1>Drift"


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_else_is_shown(address: str, settings: Settings) -> None:
    (settings.home / "private.txt").write_text("a secret", encoding="utf-8")
    answer = ask(address)
    assert answer.status_code == 404
    assert "a secret" not in answer.text


def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    settings = kept()
    secret = tmp_path / "private.html"
    secret.write_text("a secret", encoding="utf-8")
    link = data_docs_index(settings).with_name("link.html")
    link.symlink_to(secret)
    assert ask(path_in_app(settings, link)).status_code == 404


def test_a_store_that_does_not_answer_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(object_store, "_TRIES", 1)
    monkeypatch.setenv("KPI_STORAGE", "s3")
    monkeypatch.setenv("KPI_S3__ENDPOINT_URL", f"http://{LOOPBACK}:{free_port()}")
    monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", "made-up")
    answer = ask("/artifacts/ge-artifacts/data_docs/index.html")
    assert (answer.status_code, answer.text) == (
        503,
        "This page cannot be read just now: the app's log says why.\n",
    )
    assert "Bucket ge-artifacts of http://127.0.0.1:" in caplog.text
    assert "(EndpointConnectionError)" in caplog.text
    assert "made-up" not in caplog.text


def test_wrong_settings_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_STORAGE", "tape")
    assert ask("/artifacts/ge-artifacts/data_docs/index.html").status_code == 503


def test_streamlit_serves_them_beside_its_own_pages(tmp_path: Path) -> None:
    settings = kept()
    with served_app(settings, tmp_path / "app.log") as address:
        page = httpx.get(f"{address}{path_in_app(settings, data_docs_index(settings))}")
        assert (page.status_code, page.text) == (200, "<h1>Data Docs ñ")
        assert "Streamlit" in httpx.get(f"{address}/").text
        # As it stands: clients clean addresses up before they send them.
        connection = HTTPConnection(address.removeprefix("http://"))
        for refused in (*REFUSED, "/artifacts/ge-artifacts/data_docs/../validations/result.json"):
            connection.request("GET", refused)
            answer = connection.getresponse()
            assert answer.status in (400, 404), refused
            assert b"a secret" not in answer.read()
        connection.close()
    assert "Traceback" not in (tmp_path / "app.log").read_text(encoding="utf-8")
