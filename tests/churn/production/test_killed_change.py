"""Whatever is killed, the next command of any run finds one Production, or mends it and says so."""

import logging

import pytest

from flows.churn.model.logged.registry import production_model
from flows.churn.production import ledger
from flows.churn.production.in_mlflow import read_mlflow
from flows.churn.production.truth import look, production_version
from flows.churn.promotion.promote_model import promote_model, skip_promotion
from flows.churn.promotion.rollback import roll_back
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.locks import wait_for_lock
from flows.settings import Settings
from tests.churn.handmade_models import Registry, with_churn
from tests.churn.production.killed import PLACES, promote_and_die, roll_back_and_die

# One process imports what the killed ones are forked from.
pytestmark = pytest.mark.xdist_group("killed_production")

WHILE_CHANGING = [place for place in PLACES if place != "before the ledger"]


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 1 as Production."""
    return Registry(settings, tmp_path_factory, ["fair"])


def agrees(registry: Registry, version: str) -> bool:
    """Whether stage, alias and ledger name the version, and nothing is left to do."""
    found = look(registry.settings)
    in_mlflow = read_mlflow(registry.client)
    return (
        in_mlflow.says(version)
        and (found.production, found.difference) == (version, None)
        and not found.unfinished
    )


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What people were told about Production, whatever else is logged."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno == logging.WARNING and record.name.startswith("flows.churn.production")
    ]


def actions(registry: Registry) -> list[tuple[str, str, str | None]]:
    """The ledger, oldest first: action, version, what it took the place of."""
    lines = ledger.history(registry.settings, 100)
    return [(line["action"], line["version"], line["former_version"]) for line in reversed(lines)]


def test_killed_before_the_ledger_nothing_has_happened(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, "before the ledger")
    assert agrees(registry, "1")
    assert production_version(registry.settings) == "1"
    assert warnings(caplog) == []


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("between ledger and stage", "MLflow's stage says 1, its alias 1, the ledger 2."),
        ("between stage and alias", "MLflow's stage says 2, its alias 1, the ledger 2."),
    ],
)
def test_a_promotion_that_was_cut_short_is_completed_by_the_next_scoring(
    registry: Registry, caplog: pytest.LogCaptureFixture, place: str, told: str
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, place)
    seen = look(registry.settings)
    assert seen.production == "2"
    assert seen.difference
    assert seen.difference.fact == (
        "The ledger's last change (promoted, version 2) is under way, or was cut short: " + told
    )

    version = production_model(registry.settings).version

    assert version == "2"
    assert agrees(registry, "2")
    assert warnings(caplog) == [f"{seen.difference.fact} Now all three say 2."]
    assert actions(registry) == [("promoted", "1", None), ("promoted", "2", "1")]
    assert roll_back(registry.settings, why="wrong") == ("2", "1")


def test_where_all_three_agree_only_the_end_is_written(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, "between alias and ledger")
    seen = look(registry.settings)
    assert (seen.production, seen.difference, seen.unfinished) == ("2", None, True)
    assert production_version(registry.settings) == "2"
    assert agrees(registry, "2")
    assert warnings(caplog) == []


@pytest.mark.parametrize("place", PLACES)
def test_the_same_run_completes_itself(registry: Registry, place: str) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, place)
    found = promote_model(registry.settings, run)
    assert (found.version, found.promoted, found.production) == ("2", True, "2")
    assert agrees(registry, "2")
    assert actions(registry) == [("promoted", "1", None), ("promoted", "2", "1")]


@pytest.mark.parametrize("place", WHILE_CHANGING)
def test_another_training_is_compared_with_what_was_promoted(
    registry: Registry, place: str
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, place)
    other, evaluation = registry.evaluated("best")
    assert evaluation.champion_version == "2"
    assert skip_promotion(registry.settings, other).production == "2"
    # What used to say that version 2 was the first.
    assert roll_back(registry.settings, why="wrong") == ("2", "1")


@pytest.mark.parametrize("place", WHILE_CHANGING)
def test_a_rollback_that_was_cut_short_is_completed_and_not_made_twice(
    registry: Registry, place: str
) -> None:
    registry.promoted("good")
    registry.promoted("best")
    roll_back_and_die(registry.settings, place)
    again = roll_back(registry.settings, why="support is flooded")
    assert again == ("3", "2")
    assert agrees(registry, "2")
    assert actions(registry)[-1] == ("rolled back", "2", "3")


def test_a_version_that_was_deleted_meanwhile_is_not_waited_for(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    run, _ = registry.evaluated("good")
    promote_and_die(registry.settings, run, "between ledger and stage")
    registry.client.delete_model_version("churn-model", "2")
    assert production_version(registry.settings) == "1"
    assert agrees(registry, "1")
    assert actions(registry)[-1] == ("promoted by hand", "1", "2")


def test_what_somebody_did_after_the_kill_counts(registry: Registry) -> None:
    run, _ = registry.evaluated("good")
    registry.evaluated("best")
    promote_and_die(registry.settings, run, "between stage and alias")
    registry.client.set_registered_model_alias("churn-model", "production", "3")
    following = with_churn(registry.settings, changes_in_mlflow="follow")
    assert production_version(following) == "3"
    assert agrees(registry, "3")
    assert actions(registry)[1:] == [("promoted", "2", "1"), ("promoted by hand", "3", "2")]


def test_whoever_looks_meanwhile_waits_for_nobody(registry: Registry, db: Connection) -> None:
    with db.transaction():
        wait_for_lock(db, "churn_production")
        assert look(registry.settings).production == "1"
        assert production_version(registry.settings) == "1"
