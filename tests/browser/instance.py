"""An instance with something on each page: published events, a model, scores, weeks of drift."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.model.logged.plots import plot_model
from flows.churn.model.score_users import score_users
from flows.churn.planning import plan_snapshot
from flows.platform.warehouse.connection import connect
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, Registry, users
from tests.churn.weekly_deliveries import deliveries, monitor
from tests.crypto_rows import ARRIVED, add_rows, publish

CARD = "# Churn model, trained as of 2026-06-30\n\n## Limits\n\nIt knows nothing of holidays.\n"


def promote_with_card(registry: Registry, model: str, scratch: Path) -> None:
    """Make the model Production, with what a training leaves for people in MLflow."""
    run = registry.logged[model].mlflow_run_id
    holdout, linear = users(), MODELS[model]
    probability = linear.probabilities(holdout)
    plot_model(
        scratch / "plots", holdout["churned"].to_numpy(), probability, linear.contributions(holdout)
    )
    registry.client.log_text(run, CARD, "model_card.md")
    registry.client.log_artifacts(run, str(scratch / "plots"), "plots")
    registry.client.log_metric(run, "holdout_roc_auc", 0.83)
    registry.client.log_metric(run, "holdout_calibration_error", 0.04)
    registry.client.set_tag(run, "as_of", "2026-06-30")
    registry.promoted(model)


def publish_events(settings: Settings) -> None:
    """Publish three events on two days."""
    with connect(settings, "test", autocommit=True) as db:
        add_rows(
            db,
            {"user_id": "1"},
            {"user_id": "2", "site_id": "BRASIL", "purchase_date": "9/3/2025"},
            {"user_id": "3", "crypto_type": "ETH", "purchase_price": "1000"},
            arrived_at=ARRIVED - timedelta(hours=1),
        )
    publish(settings)


def watch_three_weeks(settings: Settings, folder: Path) -> None:
    """Run the drift monitor on a quiet week and a drifted one, after the first."""
    week = deliveries(folder)
    for number, drift in enumerate((0.0, 0.0, 0.8)):
        monitor(settings, week(number, drift=drift))


def score_the_first_week(settings: Settings, folder: Path) -> None:
    """Score the users of a week with Production."""
    run = plan_snapshot(settings, source=deliveries(folder)(0))
    build_current_snapshot(settings, run)
    score_users(settings, run)


def furnish(settings: Settings, factory: pytest.TempPathFactory) -> Registry:
    """Fill an empty instance, and return its registry."""
    registry = Registry(settings, factory)
    promote_with_card(registry, "good", factory.mktemp("plots"))
    publish_events(settings)
    weeks = factory.mktemp("weeks")
    score_the_first_week(settings, weeks)
    watch_three_weeks(settings, weeks)
    return registry
