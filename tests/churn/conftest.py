"""Settings that need no database, and an MLflow with a Production."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.settings import Settings

if TYPE_CHECKING:
    from tests.churn.handmade_models import Registry


@pytest.fixture
def make_churn_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings without a database; keyword arguments change the churn settings."""

    def make(**churn: Any) -> Settings:
        return Settings.model_validate({"home": tmp_path / "kpi", "churn": churn})

    return make


@pytest.fixture
def churn_settings(make_churn_settings: Callable[..., Settings]) -> Settings:
    """Settings without a database, with every default."""
    return make_churn_settings()


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Registry":
    """MLflow, where Production is version 1, the model `good`."""
    # It imports MLflow, which few of these tests need.
    from tests.churn.handmade_models import Registry

    return Registry(settings, tmp_path_factory, ["good"])
