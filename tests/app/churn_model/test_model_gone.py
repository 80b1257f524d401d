"""Scores stay when their model is gone from MLflow: each page says so, and shows what it has."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date

import pytest

from flows.churn.model.score_users import create_month
from flows.churn.production.in_mlflow import MODEL
from flows.platform.storage.layout import mlflow_home
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.app.app_pages import Open, said
from tests.churn.handmade_models import Registry


@pytest.fixture
def registry(
    settings: Settings, db: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Registry:
    """Production, version 1, and a score that it made."""
    registry = Registry(settings, tmp_path_factory)
    registry.promoted("good")
    create_month(settings, date(2026, 6, 30))
    db.execute(
        """INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability, active)
           VALUES ('2026-06-30', 7, '1', 0.5, true)"""
    )
    return registry


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
    assert "Scores as of 2026-06-30, by model version 1:" in said(open_page("at_risk"))
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
