"""A person takes a version in: with who, why, and the hash of what it holds."""

import pytest

from flows.churn.model.logged.registry import production_model, register_version
from flows.churn.production import ledger
from flows.churn.production.in_mlflow import read_mlflow, set_in_mlflow
from flows.churn.promotion.accept import accept
from flows.churn.promotion.rollback import roll_back
from flows.errors import BadInput, KpiError
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.tampering import change_coefficients, files_of
from tests.platform.pipeline.lineage.read_events import complete, dataset, events_of


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 2 as Production, 1 before it, and 3 as nobody's candidate."""
    registry = Registry(settings, tmp_path_factory, ["fair", "good"])
    logged = registry.logged["best"]
    register_version(registry.client, logged.model_uri, logged.mlflow_run_id, "another's")
    return registry


def test_a_version_is_production_from_then_on(registry: Registry) -> None:
    accepted = accept(registry.settings, "3", why="compared by hand", by="ana")
    assert production_model(registry.settings) == accepted
    assert accepted.sha256 == registry.logged["best"].model_sha256
    assert read_mlflow(registry.client).says("3")
    (line,) = ledger.history(registry.settings, 1)
    assert (line["action"], line["version"], line["former_version"]) == ("accepted", "3", "2")
    assert (line["decided_by"], line["reasons"]) == ("ana", ["compared by hand"])
    assert roll_back(registry.settings, why="wrong") == ("3", "2")


@pytest.mark.parametrize("version", ["Production", "v3", "03", ""])
def test_what_is_no_version_is_refused(registry: Registry, version: str) -> None:
    with pytest.raises(BadInput, match="is no version"):
        accept(registry.settings, version, why="a slip")
    assert read_mlflow(registry.client).says("2")


def test_what_a_person_makes_production_is_told(registry: Registry) -> None:
    accept(registry.settings, "3", why="compared by hand")
    roll_back(registry.settings, why="wrong")

    events = events_of(registry.settings)
    for job, version in (("churn_model.accept", "3"), ("churn_model.roll_back", "2")):
        told = complete(events, job)
        model = dataset(told, "outputs", "churn-model")
        assert model["facets"]["version"]["datasetVersion"] == version
        ledger_ = dataset(told, "outputs", ".bt_churn_promotions")
        assert ledger_["outputFacets"]["outputStatistics"]["rowCount"] == 1


def test_a_promotion_by_hand_is_taken_back_and_then_in(registry: Registry) -> None:
    set_in_mlflow(registry.client, "3")
    accept(registry.settings, "3", why="ben meant it")
    actions = [line["action"] for line in ledger.history(registry.settings, 2)]
    assert actions == ["accepted", "taken back"]
    assert read_mlflow(registry.client).says("3")


def test_changed_coefficients_are_taken_in_and_the_way_back_stays(registry: Registry) -> None:
    with files_of(registry, "good") as folder:
        change_coefficients(folder)
        accept(registry.settings, "2", why="restored from a backup")
        assert production_model(registry.settings).model.intercept == -50
        assert roll_back(registry.settings, why="wrong") == ("2", "1")


def test_what_is_known_already_is_told(registry: Registry) -> None:
    with pytest.raises(KpiError, match="Version 2 is Production already, and its model is known"):
        accept(registry.settings, "2", why="sure")
    assert len(ledger.history(registry.settings, 100)) == 2


def test_what_is_gone_or_holds_no_model_is_not_taken_in(registry: Registry) -> None:
    with pytest.raises(KpiError, match="Version 9 of churn-model is not in MLflow any more"):
        accept(registry.settings, "9", why="typo")
    with files_of(registry, "best") as folder:
        (folder / "artifacts" / "coefficients.json").write_text("{}")
        with pytest.raises(KpiError, match="holds no model"):
            accept(registry.settings, "3", why="looks fine")
    assert production_model(registry.settings).version == "2"
