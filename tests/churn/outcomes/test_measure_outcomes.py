"""Scores are measured when their days are over, on the labels that a training builds."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.churn.outcomes.measure_outcomes import Outcomes, measure_outcomes, report_outcomes
from flows.churn.outcomes.scored_days import ScoredDay, what_happened
from flows.churn.planning import plan_drift
from flows.churn.production.in_mlflow import MODEL
from flows.churn.sample_data.writer import AS_OF
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.features.churn_features import feature_frame, make_features
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.monitored import LATER, SCORED, USERS, monitored, rows, score


def without_payments(source: Path, folder: Path, first: str, last: str) -> Path:
    """A copy of the delivery whose PAYMENTS lacks these days."""
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    header, *lines = (source / "PAYMENTS.csv").read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("FECHA")
    kept = [line for line in lines if not first <= line.split(",")[at] <= last]
    (folder / "PAYMENTS.csv").write_text("\n".join([header, *kept, ""]), encoding="utf-8")
    return folder


def test_the_labels_are_those_that_a_training_builds(
    registry: Registry, db: Connection, source: Path
) -> None:
    score(registry.settings, source, SCORED)
    run = monitored(registry.settings, source)
    found = what_happened(registry.settings, run, ScoredDay(SCORED, "1", AS_OF))
    training, table = make_features(registry.settings, source, AS_OF, "training")
    labels = feature_frame(registry.settings, training)

    scored = db.execute(
        "SELECT user_id FROM prod.bt_churn_scores WHERE as_of = %s ORDER BY user_id", [SCORED]
    ).fetchall()
    assert labels.index.tolist() == [row["user_id"] for row in scored]
    assert found.churned.tolist() == labels["churned"].tolist()
    assert found.active is not None
    assert found.active.tolist() == (labels["payments_last_90d"] > 0).tolist()

    result = measure_outcomes(registry.settings, run)
    everybody, active = rows(db)
    assert (everybody["among"], active["among"]) == ("all", "active")
    assert everybody["kind"] == active["kind"] == "realized"
    assert (everybody["users"], everybody["churned"]) == (USERS, table.churned)
    assert (active["users"], active["churned"]) == (
        found.active.sum(),
        found.churned[found.active].sum(),
    )
    assert everybody["roc_auc_low"] < everybody["roc_auc"] < everybody["roc_auc_high"]
    assert everybody["expected_churned"] == pytest.approx(found.probability.sum())
    assert everybody["contacts"] == active["contacts"] == -(-active["users"] // 10)
    assert everybody["last_day"] == AS_OF
    assert (result.reasons, result.worse) == ([], False)
    (report,) = report_outcomes(registry.settings, run)
    assert [row["among"] for row in report.content] == ["active", "all"]


def test_days_that_are_not_over_are_estimated_and_labelled_so(
    registry: Registry, db: Connection, source: Path
) -> None:
    score(registry.settings, source, LATER)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    everybody, active = rows(db)
    assert everybody["kind"] == active["kind"] == "estimated"
    assert everybody["churned"] is everybody["calibration_error"] is None
    assert everybody["roc_auc_low"] < everybody["roc_auc"] < everybody["roc_auc_high"]
    assert everybody["last_day"] == LATER + timedelta(days=30)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (
            "2026-06-10",
            "2026-06-14",
            "PAYMENTS.csv, column FECHA, holds no payment from 2026-06-10 to 2026-06-14: users "
            "scored on 2026-05-31 would count as churned for want of data.",
        ),
        (
            "2026-05-29",
            "2026-06-02",
            "PAYMENTS.csv, column FECHA, holds no payment from 2026-05-29 to 2026-06-02: users "
            "scored on 2026-05-31 would count as churned for want of data.",
        ),
        (
            "2026-06-29",
            "2026-06-30",
            "PAYMENTS.csv, column FECHA, ends on 2026-06-28, before 2026-06-30, the last day that "
            "decides about the scores of 2026-05-31.",
        ),
    ],
)
def test_incomplete_payments_measure_nothing_until_they_are_complete(
    registry: Registry,
    db: Connection,
    source: Path,
    tmp_path: Path,
    first: str,
    last: str,
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    score(registry.settings, source, SCORED)
    incomplete = without_payments(source, tmp_path / "incomplete", first, last)
    measure_outcomes(registry.settings, monitored(registry.settings, incomplete))
    for row in rows(db):
        assert (row["kind"], row["why"], row["roc_auc"]) == ("not measured", why, None)
    assert f"all users: not measured. {why}" in caplog.text

    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert [row["kind"] for row in rows(db)] == ["realized", "realized"]


def test_production_below_its_holdout_asks_for_a_training_once(
    registry: Registry, db: Connection, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    version = registry.client.get_model_version(MODEL, "1")
    registry.client.log_metric(version.run_id, "holdout_roc_auc", 0.999)
    registry.client.log_metric(version.run_id, "recent_roc_auc", 0.5)
    score(registry.settings, source, SCORED)
    run = monitored(registry.settings, source)
    result = measure_outcomes(registry.settings, run)

    everybody, active = rows(db)
    assert result.worse
    assert result.reasons == [everybody["asks_for_training"]]
    assert result.reasons[0].startswith("Version 1 has a realized ROC AUC of 0.")
    assert "scored on 2026-05-31, below the 0.999 of its holdout by more than 0.03." in caplog.text
    assert active["asks_for_training"] is None
    # A run that is cut short before it told says the same when it is tried again.
    assert measure_outcomes(registry.settings, run) == result
    later = monitored(registry.settings, source)
    assert measure_outcomes(registry.settings, later) == Outcomes([], [], False, False)


def test_what_a_former_production_did_asks_for_nothing(
    registry: Registry, db: Connection, source: Path
) -> None:
    version = registry.client.get_model_version(MODEL, "1")
    registry.client.log_metric(version.run_id, "holdout_roc_auc", 0.999)
    score(registry.settings, source, SCORED)
    registry.promoted("best")
    result = measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert (len(result.found), result.worse) == (2, False)


def test_a_day_that_is_scored_again_is_measured_on_its_new_scores_alone(
    registry: Registry, db: Connection, source: Path
) -> None:
    """Estimated rows of scores that are gone do not stay, nor do realized ones hide the new."""
    for day in (SCORED, LATER):
        score(registry.settings, source, day)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    registry.promoted("best")
    for day in (SCORED, LATER):
        score(registry.settings, source, day)
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    found = [(row["as_of"], row["model_version"], row["kind"]) for row in rows(db)]
    assert found == [(SCORED, "2", "realized")] * 2 + [(LATER, "2", "estimated")] * 2

    before = {row["among"]: row["roc_auc"] for row in rows(db)}
    db.execute("UPDATE prod.bt_churn_scores SET probability = 0.5, scored_at = now()")
    db.commit()
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert {row["roc_auc"] for row in rows(db)} == {0.5}
    assert 0.5 not in before.values()


def test_scores_of_before_it_was_kept_who_paid_are_measured_among_all(
    registry: Registry, db: Connection, source: Path
) -> None:
    score(registry.settings, source, SCORED)
    db.execute("UPDATE prod.bt_churn_scores SET active = NULL")
    db.commit()
    measure_outcomes(registry.settings, monitored(registry.settings, source))
    assert [row["among"] for row in rows(db)] == ["all"]


def test_a_simulated_run_measures_nothing(registry: Registry, db: Connection, source: Path) -> None:
    score(registry.settings, source, SCORED)
    run = monitored(registry.settings, source, simulate_drift=1.0)
    assert measure_outcomes(registry.settings, run).found == []
    assert rows(db) == []
    assert report_outcomes(registry.settings, run) == []


def test_before_the_files_are_checked_nothing_is_measured(settings: Settings) -> None:
    run = plan_drift(settings, AS_OF, source=Path("nowhere"))
    with pytest.raises(BadInput, match="has no checked sources"):
        measure_outcomes(settings, run)
