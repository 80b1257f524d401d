"""What somebody does in MLflow's UI or client is noticed, written down, followed or taken back."""

import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from flows.churn.model.logged.registry import production_model
from flows.churn.production import ledger
from flows.churn.production.in_mlflow import ALIAS, MODEL, read_mlflow
from flows.churn.production.truth import look, production_version
from flows.churn.promotion.promote_model import promote_model, skip_promotion
from flows.churn.promotion.rollback import roll_back
from flows.errors import KpiError, PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.locks import wait_for_lock
from flows.settings import Settings
from tests.churn.handmade_models import Registry, with_churn

BY_HAND = "somebody, in MLflow"


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """MLflow: version 2 is Production, 1 archived, 3 a candidate; by hand is followed."""
    following = with_churn(settings, changes_in_mlflow="follow")
    registry = Registry(following, tmp_path_factory, ["fair", "good"], candidate="best")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # that stages are deprecated
        yield registry


def transition(registry: Registry, version: str, stage: str = "Production") -> None:
    """What the button of MLflow's UI does, without its tick for archiving the others."""
    registry.client.transition_model_version_stage(MODEL, version, stage)


def newest(registry: Registry) -> tuple[str, str, str | None, str]:
    """The ledger's newest line: action, version, what was before, by whom."""
    line = ledger.history(registry.settings, 1)[0]
    return line["action"], line["version"], line["former_version"], line["decided_by"]


def test_a_promotion_by_stage_is_followed(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    transition(registry, "3")

    version = production_model(registry.settings).version

    assert version == "3"
    assert read_mlflow(registry.client).says("3")
    assert registry.stages() == {"1": "Archived", "2": "Archived", "3": "Production"}
    assert newest(registry) == ("promoted by hand", "3", "2", BY_HAND)
    told = [
        record.getMessage()
        for record in caplog.records
        if record.levelno == logging.WARNING and record.name.startswith("flows.")
    ]
    assert told == [
        "Somebody made version 3 Production in MLflow: MLflow's stage says 3, its alias 2, the "
        "ledger 2. Now all three say 3."
    ]
    assert production_version(registry.settings) == "3"
    assert len(ledger.history(registry.settings, 100)) == 3
    assert roll_back(registry.settings, why="too fast") == ("3", "2")


def test_a_promotion_by_alias_is_followed(registry: Registry) -> None:
    registry.client.set_registered_model_alias(MODEL, ALIAS, "1")
    assert production_version(registry.settings) == "1"
    assert read_mlflow(registry.client).says("1")
    assert newest(registry) == ("promoted by hand", "1", "2", BY_HAND)


@pytest.mark.parametrize("how", ["stage", "alias", "deleted"])
def test_an_archival_is_followed(registry: Registry, how: str) -> None:
    if how == "stage":
        transition(registry, "2", "Archived")
    elif how == "alias":
        registry.client.delete_registered_model_alias(MODEL, ALIAS)
    else:
        registry.client.delete_model_version(MODEL, "2")

    with pytest.raises(KpiError, match="There is no Production model to score with"):
        production_model(registry.settings)

    assert read_mlflow(registry.client).says(None)
    assert newest(registry) == ("archived by hand", "2", "2", BY_HAND)
    with pytest.raises(KpiError, match="There is no Production to roll back from"):
        roll_back(registry.settings, why="wrong")
    # The next model has nothing to beat.
    again = registry.promoted("best")
    assert (again.version, again.reasons[-1]) == ("3", "there is no Production yet")
    with pytest.raises(KpiError, match="Before version 3 there was no Production: there is"):
        roll_back(registry.settings, why="wrong")


def test_a_version_that_somebody_promoted_is_what_candidates_must_beat(registry: Registry) -> None:
    transition(registry, "1")
    run, evaluation = registry.evaluated("best")
    assert evaluation.champion_version == "1"
    assert promote_model(registry.settings, run).production == "3"
    assert registry.stages() == {"1": "Archived", "2": "Archived", "3": "Production"}


def test_a_change_after_the_comparison_stops_the_promotion(registry: Registry) -> None:
    run, evaluation = registry.evaluated("best")
    assert evaluation.champion_version == "2"
    registry.client.set_registered_model_alias(MODEL, ALIAS, "1")
    with pytest.raises(PublicationRefused, match="Production is version 1 by now, but version 3"):
        promote_model(registry.settings, run)
    assert skip_promotion(registry.settings, run).production == "1"


@pytest.mark.parametrize("how", ["stage", "alias", "archived"])
def test_by_a_setting_it_is_taken_back(registry: Registry, how: str) -> None:
    strict = with_churn(registry.settings, changes_in_mlflow="refuse")
    if how == "stage":
        transition(registry, "3")
    elif how == "alias":
        registry.client.set_registered_model_alias(MODEL, ALIAS, "3")
    else:
        transition(registry, "2", "Archived")

    assert production_version(strict) == "2"

    assert read_mlflow(registry.client).says("2")
    about = "2" if how == "archived" else "3"
    assert newest(registry) == ("taken back", about, "2", BY_HAND)
    assert production_version(strict) == "2"
    assert len(ledger.history(strict, 100)) == 3
    assert roll_back(strict, why="wrong") == ("2", "1")


def test_whoever_only_looks_tells_and_mends_nothing(registry: Registry, db: Connection) -> None:
    transition(registry, "3")
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))

    with db.transaction():
        wait_for_lock(db, "churn_production")
        found = look(registry.settings)

    assert found.production == "3"
    assert found.difference
    assert found.difference.kind == "promoted by hand"
    assert read_mlflow(registry.client).alias == "2"
    assert newest(registry)[:2] == ("promoted", "2")


def test_two_who_notice_it_write_it_once(registry: Registry) -> None:
    transition(registry, "3")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(production_version, [registry.settings] * 4)) == {"3"}
    assert [line["action"] for line in ledger.history(registry.settings, 100)] == [
        "promoted by hand",
        "promoted",
        "promoted",
    ]


def test_a_ledger_that_was_lost_learns_what_is_production(
    registry: Registry, db: Connection
) -> None:
    db.execute("TRUNCATE dqm.bt_churn_promotions")
    assert production_version(registry.settings) == "2"
    assert newest(registry) == ("promoted by hand", "2", None, BY_HAND)
