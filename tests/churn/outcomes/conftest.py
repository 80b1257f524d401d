"""A delivery, and an MLflow with a Production."""

from pathlib import Path

import pytest

from flows.churn.sample_data.writer import write_sample_data
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.monitored import USERS


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=USERS, seed=3)
    return folder


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow, where Production is version 1, the model `good`."""
    registry = Registry(settings, tmp_path_factory)
    registry.promoted("good")
    return registry
