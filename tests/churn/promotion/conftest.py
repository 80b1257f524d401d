"""An MLflow with models that were logged."""

import pytest

from flows.settings import Settings
from tests.churn.handmade_models import Registry


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow, where none is Production yet."""
    return Registry(settings, tmp_path_factory)


@pytest.fixture
def with_fair(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow, where version 1, the model `fair`, is Production."""
    return Registry(settings, tmp_path_factory, ["fair"])
