"""Scores stay when their model is gone from MLflow: each page says so, and shows what it has."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from streamlit.testing.v1 import AppTest

from flows.churn.model.score_users import create_month
from flows.churn.production.in_mlflow import MODEL
from flows.platform.storage.layout import mlflow_home
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.app.app_pages import Open, said, tables
from tests.churn.handmade_models import Registry

GONE = (
    "Model version 1 is not in MLflow any more; its scores and reasons are in the warehouse, and "
    "stay."
)


@pytest.fixture
def registry(
    settings: Settings, db: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Registry:
    """Production, version 1, and a score that it made."""
    registry = Registry(settings, tmp_path_factory, ["good"])
    create_month(settings, date(2026, 6, 30))
    db.execute(
        """INSERT INTO prod.bt_churn_scores
               (as_of, user_id, model_version, probability, active, reasons)
           VALUES ('2026-06-30', 7, '1', 0.5, true, ARRAY['age'])"""
    )
    return registry


def ranked(app: AppTest) -> list[tuple[object, object, object]]:
    (users,) = tables(app)
    return [(row["User"], row["Probability of churn"], row["Raised most by"]) for row in users]


THE_LIST = [("7", "50.0%", "Age")]


def deleted(registry: Registry) -> None:
    registry.client.delete_model_version(MODEL, "1")


def unregistered(registry: Registry) -> None:
    registry.client.delete_registered_model(MODEL)


def run_deleted_for_good(registry: Registry) -> None:
    run = registry.client.get_model_version(MODEL, "1").run_id
    with closing(sqlite3.connect(mlflow_home(registry.settings) / "mlflow.db")) as database:
        for table in ("metrics", "latest_metrics", "params", "tags", "runs"):
            database.execute(f"DELETE FROM {table} WHERE run_uuid = ?", [run])
        database.commit()


@pytest.mark.parametrize("lost", [deleted, unregistered])
def test_every_page_opens_and_says_that_no_model_is_in_use(
    registry: Registry, open_page: Open, lost: Callable[[Registry], None]
) -> None:
    lost(registry)
    app = open_page("at_risk")
    assert "Scores as of 2026-06-30, by model version 1:" in said(app)
    assert said(app).count(GONE) == 1
    assert ranked(app) == THE_LIST
    for page in ("score", "batch", "model"):
        app = open_page(page)
        assert not app.error
        text = said(app)
        assert (
            "Somebody left MLflow without its Production, version 1: its stage says none, its "
            "alias none, the ledger 1. No model is in use here; the next training, scoring or "
            "rollback writes that to the ledger."
        ) in text
        assert "**Heuristic, not a model.**" in text


def test_a_model_whose_training_was_deleted_for_good_is_in_use(
    registry: Registry, open_page: Open
) -> None:
    run_deleted_for_good(registry)
    for page in ("score", "batch", "model"):
        app = open_page(page)
        assert not app.error
        text = said(app)
        assert "Model version 1, 0 days old." in text
        assert "Heuristic" not in text
    assert "This version's training left no measures in MLflow." in text
    assert "This version's training left no card in MLflow." in text


def test_scores_of_an_older_version_say_that_it_was_deleted(
    registry: Registry, open_page: Open
) -> None:
    registry.promoted("best")
    deleted(registry)
    app = open_page("at_risk")
    assert said(app).count(GONE) == 1
    assert ranked(app) == THE_LIST
    assert "Model version 2, 0 days old." in said(open_page("score"))


@pytest.mark.parametrize("newer", [False, True])
def test_a_version_that_is_there_is_not_told(
    registry: Registry, open_page: Open, newer: bool
) -> None:
    if newer:
        registry.promoted("best")
    app = open_page("at_risk")
    assert "MLflow" not in said(app)
    assert ranked(app) == THE_LIST


def test_without_an_mlflow_none_is_made_to_ask_it(registry: Registry, open_page: Open) -> None:
    database = mlflow_home(registry.settings) / "mlflow.db"
    database.unlink()
    app = open_page("at_risk")
    assert "MLflow" not in said(app)
    assert ranked(app) == THE_LIST
    assert not database.exists()


def test_an_mlflow_that_cannot_be_read_is_one_sentence(registry: Registry, open_page: Open) -> None:
    with registry.without("model_versions"):
        app = open_page("at_risk")
    assert said(app).count("MLflow") == 1
    assert "MLflow cannot be read: the app's log says why" in said(app)
    assert ranked(app) == THE_LIST


def test_an_mlflow_that_is_not_reached_is_one_sentence(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("KPI_MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    app = open_page("at_risk")
    assert said(app).count("MLflow does not answer at http://127.0.0.1:9 (ConnectError).") == 1
    assert GONE not in said(app)
    assert ranked(app) == THE_LIST


def test_the_list_does_not_wait_for_an_mlflow_that_does_not_answer(
    registry: Registry, db: Connection, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    asked = []

    class Failing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Whoever reads the list after this finds nobody in it.
            db.execute("DELETE FROM prod.bt_churn_scores")
            asked.append(self.path)
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            """Nothing, on the tests' own output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("KPI_MLFLOW_TRACKING_URI", address)
        app = open_page("at_risk")
        first = said(app)
        assert ranked(app) == THE_LIST
        app.run()
        server.shutdown()
    assert first.count("MLflow does not answer") == 1
    assert "not in MLflow" not in first
    assert said(app) == first
    # What it could not say is remembered: the next click does not wait for it.
    assert asked == ["/health"]
