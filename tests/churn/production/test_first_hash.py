"""Versions that were promoted before hashes were kept stay Production, and get theirs once."""

import logging

import pytest

from flows.churn.model.logged.registry import model_to_look_at, production_model
from flows.churn.production import ledger
from flows.churn.production.truth import known_production
from flows.churn.promotion.rollback import roll_back
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.tampering import change_coefficients, files_of


@pytest.fixture
def registry(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, db: Connection
) -> Registry:
    """MLflow and the ledger as an upgrade finds them: 2 is Production, 1 was, no hash is kept."""
    registry = Registry(settings, tmp_path_factory, ["fair", "good"])
    db.execute("UPDATE dqm.bt_churn_promotions SET model_sha256 = NULL")
    return registry


def hashes(registry: Registry) -> list[tuple[str, bool]]:
    """Each line's version, newest first, and whether it is known by a hash."""
    lines = ledger.history(registry.settings, 100)
    return [(line["version"], line["model_sha256"] is not None) for line in lines]


def test_the_first_command_records_the_hash_once_and_says_so(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    assert model_to_look_at(registry.settings).version == "2"  # changes nothing
    assert hashes(registry) == [("2", False), ("1", False)]

    for _ in range(2):
        known = known_production(registry.settings)
        assert known
        assert (known.version, known.sha256) == ("2", registry.logged["good"].model_sha256)

    assert hashes(registry) == [("2", True), ("1", False)]
    (line, _) = ledger.history(registry.settings, 2)
    assert line["reasons"][-1] == "SHA-256 recorded by the first command that kept it"
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    (said,) = (message for message in told if "hashes" in message)
    assert said.startswith("Version 2 was promoted before hashes were kept: the ledger knows it by")


def test_from_then_on_another_model_is_refused(registry: Registry) -> None:
    production_model(registry.settings)
    with files_of(registry, "good") as folder:
        change_coefficients(folder)
        with pytest.raises(KpiError, match="that the promotion ledger knows"):
            production_model(registry.settings)


def test_a_rollback_leads_to_a_version_of_before_and_records_its_hash(registry: Registry) -> None:
    assert roll_back(registry.settings, why="wrong") == ("2", "1")
    assert hashes(registry) == [("1", True), ("2", True), ("1", False)]
    assert production_model(registry.settings).sha256 == registry.logged["fair"].model_sha256


def test_a_production_that_cannot_be_read_is_left_for_another(registry: Registry) -> None:
    with files_of(registry, "good") as folder:
        (folder / "artifacts" / "coefficients.json").write_text("[]")
        with pytest.raises(KpiError, match=r"Version 2 of churn-model is refused: .* no model"):
            production_model(registry.settings)
        assert roll_back(registry.settings, why="somebody was here") == ("2", "1")
