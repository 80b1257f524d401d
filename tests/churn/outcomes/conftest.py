"""A delivery that is measured."""

from pathlib import Path

import pytest

from flows.churn.sample_data.writer import write_sample_data
from tests.churn.outcomes.monitored import USERS


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=USERS, seed=3)
    return folder
