"""Going back: each time one promotion further, and never into nothing."""

import getpass

import pytest

from flows.churn.model.logged.registry import production_model
from flows.churn.production import ledger
from flows.churn.production.truth import production_version
from flows.churn.promotion.rollback import roll_back
from flows.errors import KpiError
from flows.settings import Settings
from tests.churn.handmade_models import Registry


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 2, the model `good`, as Production; 1 was it before."""
    return Registry(settings, tmp_path_factory, ["fair", "good"])


def actions(registry: Registry) -> list[tuple[str, str, str | None]]:
    """The ledger, oldest first: action, version, what it took the place of."""
    lines = ledger.history(registry.settings, 100)
    return [(line["action"], line["version"], line["former_version"]) for line in reversed(lines)]


def test_back_to_the_former_version(registry: Registry) -> None:
    assert roll_back(registry.settings, why="support is flooded", by="ana") == ("2", "1")
    assert production_version(registry.settings) == "1"
    assert registry.stages() == {"1": "Production", "2": "Archived"}
    newest, *_ = ledger.history(registry.settings, 1)
    assert (newest["action"], newest["version"], newest["former_version"]) == (
        "rolled back",
        "1",
        "2",
    )
    assert (newest["decided_by"], newest["reasons"]) == ("ana", ["support is flooded"])


def test_back_and_further_back_to_the_first(registry: Registry) -> None:
    registry.promoted("best")
    assert roll_back(registry.settings, why="wrong") == ("3", "2")
    assert roll_back(registry.settings, why="still wrong") == ("2", "1")
    with pytest.raises(KpiError) as error:
        roll_back(registry.settings, why="never right")
    assert str(error.value) == (
        "Before version 1 there was no Production: there is nothing to roll back to."
    )
    assert production_version(registry.settings) == "1"
    assert actions(registry) == [
        ("promoted", "1", None),
        ("promoted", "2", "1"),
        ("promoted", "3", "2"),
        ("rolled back", "2", "3"),
        ("rolled back", "1", "2"),
    ]


def test_a_promotion_after_a_rollback_leads_back_to_what_it_replaced(registry: Registry) -> None:
    roll_back(registry.settings, why="wrong")
    registry.promoted("best")
    assert roll_back(registry.settings, why="wrong as well") == ("3", "1")


def test_a_version_that_returned_leads_back_to_what_it_replaced_last(registry: Registry) -> None:
    roll_back(registry.settings, why="wrong")
    registry.promoted("good")  # the same model by another run
    assert actions(registry)[-1] == ("promoted", "2", "1")
    assert roll_back(registry.settings, why="wrong again") == ("2", "1")


def test_whoever_runs_it_is_written_down(registry: Registry) -> None:
    roll_back(registry.settings, why="wrong")
    (newest,) = ledger.history(registry.settings, 1)
    assert newest["decided_by"] == getpass.getuser()


def test_without_a_production_there_is_nothing_to_leave(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    with pytest.raises(KpiError) as error:
        roll_back(registry.settings, why="wrong")
    assert str(error.value) == (
        "There is no Production to roll back from. Train one with kpi train."
    )
    assert actions(registry) == []


def test_a_former_version_that_was_deleted_is_named(registry: Registry) -> None:
    registry.client.delete_model_version("churn-model", "1")
    with pytest.raises(KpiError, match="Version 1 of churn-model is not in MLflow any more"):
        roll_back(registry.settings, why="wrong")
    assert production_version(registry.settings) == "2"
    assert registry.stages() == {"2": "Production"}
    assert len(actions(registry)) == 2
    assert production_model(registry.settings).version == "2"
