"""Settings for deliveries of a few lines, whose files need not know one another's users."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings


@pytest.fixture
def make_churn_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings without a database; keyword arguments change the churn settings."""

    def make(**churn: Any) -> Settings:
        changed = {"min_known_share": 0, **churn}
        return Settings.model_validate({"home": tmp_path / "kpi", "churn": changed})

    return make
