"""A promotion: registry and ledger agree, however often it is tried and wherever it is killed."""

import getpass
from typing import Any

import pytest

from flows.churn.production import ledger
from flows.churn.production.in_mlflow import set_in_mlflow
from flows.churn.production.truth import production_version, settled
from flows.churn.promotion.approval import Approval, save_approval
from flows.churn.promotion.decide_promotion import decide_promotion, decided
from flows.churn.promotion.evaluate_candidate import evaluate_candidate
from flows.churn.promotion.promote_model import Promotion, promote_model, skip_promotion
from flows.churn.promotion.rollback import roll_back
from flows.churn.run import ChurnRun
from flows.errors import BadInput, PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import Registry, with_churn


def promotions(settings: Settings) -> list[dict[str, Any]]:
    """The ledger, newest first, without its times."""
    lines = ledger.history(settings, 100)
    return [{key: line[key] for key in line if key != "decided_at"} for line in lines]


def former(settings: Settings) -> str | None:
    """What a rollback would lead to."""
    with settled(settings) as now:
        return now.former


def assert_nothing_changed(registry: Registry, run: ChurnRun) -> None:
    """The run's version, 2, is a candidate as before, and the ledger has its one older line."""
    assert decided(registry.settings, run).version == "2"
    assert production_version(registry.settings) == "1"
    assert registry.stages() == {"1": "Production", "2": "None"}
    assert [line["version"] for line in promotions(registry.settings)] == ["1"]


def test_the_first_version_becomes_production(registry: Registry) -> None:
    run, _ = registry.evaluated("fair")
    reasons = decided(registry.settings, run).reasons_for
    assert reasons[-1] == "there is no Production yet"
    assert promote_model(registry.settings, run) == Promotion("1", True, "1", reasons)
    assert production_version(registry.settings) == "1"
    assert promotions(registry.settings) == [
        {
            "action": "promoted",
            "version": "1",
            "former_version": None,
            "decided_by": getpass.getuser(),
            "reasons": reasons,
            "model_sha256": registry.logged["fair"].model_sha256[:12],
        }
    ]


def test_a_better_version_takes_its_place(with_fair: Registry) -> None:
    found = with_fair.promoted("good")
    assert (found.version, found.promoted, found.production) == ("2", True, "2")
    assert "ROC AUC +0.0546 against Production version 1" in found.reasons[-1]
    assert with_fair.stages() == {"1": "Archived", "2": "Production"}
    newest, _ = promotions(with_fair.settings)
    assert (newest["version"], newest["former_version"]) == ("2", "1")
    assert newest["reasons"] == found.reasons


def test_the_ledger_says_what_asked_for_the_training(registry: Registry, db: Connection) -> None:
    """Since the one before was judged; nothing did when somebody trained by hand."""
    db.execute(
        """INSERT INTO dqm.bt_churn_sources (run_id, source, sha256, changed)
           VALUES ('a', '/in', '{}', '{PAYMENTS,DEMOGRAFICOS}'), ('b', '/in', '{}', '{}')"""
    )
    db.commit()
    first = registry.promoted("fair")
    assert first.reasons[-1] == "asked for: these files changed: PAYMENTS, DEMOGRAFICOS"

    db.execute(
        """INSERT INTO dqm.bt_churn_drift_runs (run_id, snapshot_day, columns, drifted_columns,
               drifted_share, drifted_week, reference_snapshots, left_out, simulated, report, hole)
           SELECT 'week ' || day, day::date, 30, 10, 0.3, day >= '2026-06-15',
                  '{2026-05-25}'::date[], '{}'::text[], false, '', NULL
           FROM generate_series('2026-06-01'::timestamp, '2026-06-22', '7 days') AS day
           UNION ALL SELECT 'hole', '2026-06-29', 30, 20, 0.7, false,
                  '{2026-05-25}', '{}', false, '', 'no payment on 2026-06-25'"""
    )
    db.execute(
        """INSERT INTO dqm.bt_churn_outcomes (as_of, model_version, among, kind, last_day, users,
               asks_for_training, run_id)
           VALUES ('2026-05-31', '1', 'all', 'realized', '2026-06-30', 9, 'It is worse.', 'd')"""
    )
    db.commit()
    second = registry.promoted("good")
    # What skips says the same: the reasons against, then why it was trained.
    assert second.reasons[-2:] == [
        "asked for: 2 of the last 4 weeks drifted, up to 2026-06-22",
        "asked for: It is worse",
    ]
    assert promotions(registry.settings)[0]["reasons"] == second.reasons
    by_hand = registry.promoted("best")
    assert not [why for why in by_hand.reasons if why.startswith("asked for")]


def test_tried_again_it_writes_its_line_once(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    assert promote_model(with_fair.settings, run) == promote_model(with_fair.settings, run)
    assert [line["version"] for line in promotions(with_fair.settings)] == ["2", "1"]


def test_all_steps_tried_again_change_nothing(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    first = promote_model(with_fair.settings, run)
    before = promotions(with_fair.settings)
    for step in (evaluate_candidate, decide_promotion):
        step(with_fair.settings, run)
    assert promote_model(with_fair.settings, run) == first
    assert promotions(with_fair.settings) == before
    assert with_fair.stages() == {"1": "Archived", "2": "Production"}


def test_what_was_rolled_back_is_not_promoted_again_by_the_same_run(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    promote_model(with_fair.settings, run)
    roll_back(with_fair.settings, why="support is flooded")
    lines = promotions(with_fair.settings)
    with pytest.raises(PublicationRefused) as error:
        promote_model(with_fair.settings, run)
    assert str(error.value) == (
        "This run made version 2 Production before, and somebody changed that since: Production "
        "is version 1. Train again."
    )
    assert production_version(with_fair.settings) == "1"
    assert promotions(with_fair.settings) == lines


def test_the_decision_is_obeyed(registry: Registry) -> None:
    registry.promoted("good")
    run, _ = registry.evaluated("fair")
    with pytest.raises(PublicationRefused) as error:
        promote_model(registry.settings, run)
    assert str(error.value).startswith(
        "Version 2 is not to be promoted: ROC AUC -0.0546 against Production version 1, "
    )
    assert_nothing_changed(registry, run)


def test_a_production_that_changed_since_the_comparison_stays(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    with_fair.promoted("best")
    stages, lines = with_fair.stages(), promotions(with_fair.settings)
    with pytest.raises(PublicationRefused) as error:
        promote_model(with_fair.settings, run)
    assert str(error.value) == (
        "Production is version 3 by now, but version 2 was compared with 1. "
        "Start the run again: it takes every step once more."
    )
    assert production_version(with_fair.settings) == "3"
    assert with_fair.stages() == stages
    assert promotions(with_fair.settings) == lines

    evaluate_candidate(with_fair.settings, run)
    assert not decide_promotion(with_fair.settings, run).promote


def test_a_first_production_in_the_meantime_stays(registry: Registry) -> None:
    run, _ = registry.evaluated("fair")
    registry.promoted("good")
    with pytest.raises(PublicationRefused, match="but version 1 was compared with none"):
        promote_model(registry.settings, run)
    assert production_version(registry.settings) == "2"


def test_without_a_decision_nothing_is_promoted(registry: Registry) -> None:
    run = registry.trained("fair")
    evaluate_candidate(registry.settings, run)
    with pytest.raises(BadInput, match=r"has no decision\. Start the run again"):
        promote_model(registry.settings, run)
    assert production_version(registry.settings) is None


def test_a_required_approval_that_nobody_gave_is_missed(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    with pytest.raises(PublicationRefused, match="Version 2 is not promoted: nobody approved it"):
        promote_model(with_churn(with_fair.settings, require_approval=True), run)
    assert_nothing_changed(with_fair, run)


def test_who_says_no_is_obeyed_and_remembered(with_fair: Registry) -> None:
    run, _ = with_fair.evaluated("good")
    settings = with_churn(with_fair.settings, require_approval=True)
    save_approval(settings, run, Approval("2", False, by="ana", why="campaign week"))
    with pytest.raises(PublicationRefused, match="not promoted: ana said no: campaign week"):
        promote_model(settings, run)
    assert_nothing_changed(with_fair, run)

    assert skip_promotion(settings, run) == Promotion(
        "2", False, "1", ["ana said no: campaign week"]
    )
    newest, _ = promotions(settings)
    assert newest == {
        "action": "skipped",
        "version": "2",
        "former_version": "1",
        "decided_by": "ana",
        "reasons": ["ana said no: campaign week"],
        "model_sha256": None,
    }
    assert with_fair.stages() == {"1": "Production", "2": "None"}


def test_who_says_yes_stands_in_the_ledger(registry: Registry) -> None:
    run, _ = registry.evaluated("fair")
    settings = with_churn(registry.settings, require_approval=True)
    save_approval(settings, run, Approval("1", True, by="ana", why="looks right"))
    assert promote_model(settings, run).reasons[-1] == "approved: looks right"
    (line,) = promotions(settings)
    assert (line["decided_by"], line["reasons"][-1]) == ("ana", "approved: looks right")


def test_an_answer_about_another_version_does_not_count(registry: Registry) -> None:
    run, _ = registry.evaluated("fair")
    settings = with_churn(registry.settings, require_approval=True)
    save_approval(settings, run, Approval("7", True, by="ana", why="looks right"))
    with pytest.raises(PublicationRefused, match="nobody approved it"):
        promote_model(settings, run)


def test_a_skipped_version_leaves_its_reasons_once(registry: Registry) -> None:
    registry.promoted("good")
    run, _ = registry.evaluated("fair")
    reasons = decided(registry.settings, run).reasons_against
    for _ in range(2):
        assert skip_promotion(registry.settings, run) == Promotion("2", False, "1", reasons)
    newest, _ = promotions(registry.settings)
    assert (newest["action"], newest["version"], newest["former_version"]) == ("skipped", "2", "1")
    assert newest["reasons"] == reasons
    assert registry.stages() == {"1": "Production", "2": "None"}


def test_skipped_where_there_is_no_production(registry: Registry) -> None:
    registry.settings = with_churn(registry.settings, min_auc=0.99)
    run, _ = registry.evaluated("best")
    found = skip_promotion(registry.settings, run)
    assert found == Promotion("1", False, None, ["ROC AUC 0.8426 (at least 0.99)"])
    assert production_version(registry.settings) is None


def test_a_run_that_skipped_may_promote_after_all_and_not_the_other_way_round(
    with_fair: Registry,
) -> None:
    run, _ = with_fair.evaluated("good")
    demanding = with_churn(with_fair.settings, promotion_min_delta=0.5)
    decide_promotion(demanding, run)
    skip_promotion(demanding, run)
    decide_promotion(with_fair.settings, run)
    promote_model(with_fair.settings, run)
    for _ in range(2):
        assert [(line["action"], line["version"]) for line in promotions(with_fair.settings)] == [
            ("promoted", "2"),
            ("promoted", "1"),
        ]
        assert former(with_fair.settings) == "1"
        decide_promotion(demanding, run)
        skip_promotion(demanding, run)


def test_made_production_by_hand_it_is_still_recorded(with_fair: Registry) -> None:
    run, evaluation = with_fair.evaluated("good")
    set_in_mlflow(with_fair.client, evaluation.version)
    promote_model(with_fair.settings, run)
    assert former(with_fair.settings) == "1"
