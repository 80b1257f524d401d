"""Outcomes reach MLflow and whoever trains once, whatever is away meanwhile."""

from pathlib import Path

import pytest

from flows.churn.outcomes.measure_outcomes import Outcomes, measure_outcomes
from flows.churn.production.in_mlflow import MODEL
from flows.errors import Unavailable
from flows.platform.warehouse.connection import Connection
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.monitored import SCORED, USERS, monitored, rows, score


def test_mlflow_has_them_on_the_version(registry: Registry, db: Connection, source: Path) -> None:
    score(registry.settings, source, SCORED)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    everybody, active = rows(db)
    version = registry.client.get_model_version(MODEL, "1")
    assert version.tags["realized_as_of"] == str(SCORED)
    assert float(version.tags["realized_roc_auc_active"]) == pytest.approx(
        active["roc_auc"], abs=1e-5
    )
    metrics = registry.client.get_run(version.run_id).data.metrics
    assert metrics["realized_roc_auc_all"] == everybody["roc_auc"]
    assert metrics["realized_lift_at_capacity_active"] == active["lift_at_capacity"]


def test_scores_of_a_version_that_is_gone_are_measured_all_the_same(
    registry: Registry, db: Connection, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    score(registry.settings, source, SCORED)
    registry.promoted("best")
    registry.client.delete_model_version(MODEL, "1")
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert [row["kind"] for row in rows(db)] == ["realized", "realized"]
    assert "MLflow lost version 1 of churn-model, or its run: its outcomes are in" in caplog.text


def test_an_mlflow_that_does_not_answer_loses_no_verdict(
    registry: Registry, db: Connection, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut short before anything is recorded, then between record and telling, a later run tells."""
    version = registry.client.get_model_version(MODEL, "1")
    registry.client.log_metric(version.run_id, "holdout_roc_auc", 0.999)
    score(registry.settings, source, SCORED)
    run = monitored(registry.settings, source)
    with (
        registry.without("latest_metrics"),
        pytest.raises(Unavailable, match="MLflow does not say how good Production was"),
    ):
        measure_outcomes(registry.settings, run)
    assert rows(db) == []
    db.rollback()

    with (
        registry.without("metrics"),
        pytest.raises(Unavailable, match="MLflow does not keep how good scores were"),
    ):
        measure_outcomes(registry.settings, run)
    assert [(row["kind"], row["told_at"]) for row in rows(db)] == [("realized", None)] * 2
    db.rollback()

    result = measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert (len(result.reasons), result.worse) == (1, True)
    assert "MLflow lost version" not in caplog.text
    assert "realized_as_of" in registry.client.get_model_version(MODEL, "1").tags
    assert all(row["told_at"] for row in rows(db))
    later = measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert later == Outcomes([], [], False, False)


def test_outcomes_of_a_version_whose_run_was_deleted_are_noted_on_the_version(
    registry: Registry, db: Connection, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    score(registry.settings, source, SCORED)
    registry.client.delete_run(registry.client.get_model_version(MODEL, "1").run_id)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert "MLflow lost version 1 of churn-model, or its run" in caplog.text
    assert "realized_as_of" in registry.client.get_model_version(MODEL, "1").tags


def test_a_campaign_that_is_told_of_late_is_kept_apart_from_the_model(
    registry: Registry, db: Connection, source: Path
) -> None:
    """Who was contacted is known after the scores were measured: they are measured again."""
    score(registry.settings, source, SCORED)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert [row["among"] for row in rows(db)] == ["all", "active"]
    db.execute(
        """INSERT INTO prod.bt_churn_campaigns (as_of, user_id, contacted_on, campaign_group,
               source_name)
           SELECT as_of, user_id, as_of + 1,
                  CASE WHEN user_id % 4 = 0 THEN 'control' ELSE 'contacted' END, 'spring.csv'
           FROM prod.bt_churn_scores ORDER BY probability DESC LIMIT 80"""
    )
    db.commit()
    (contacted,) = db.execute(
        "SELECT count(*) FROM prod.bt_churn_campaigns WHERE campaign_group = 'contacted'"
    ).fetchall()
    result = measure_outcomes(registry.settings, monitored(registry.settings, source))
    found = {row["among"]: row for row in rows(db)}
    assert list(found) == ["not contacted", "all", "active, not contacted", "active"]
    assert found["not contacted"]["users"] == USERS - contacted["count"]
    assert found["not contacted"]["expected_roc_auc"] is None
    assert found["all"]["users"] == USERS
    assert "realized_roc_auc_active_not_contacted" in (
        registry.client.get_model_version(MODEL, "1").tags
    )
    assert [outcome.among for outcome in result.found] == list(found)
    later = measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert later.found == []
