"""Settings that need no database, and the steps on a delivery of a few lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings


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
