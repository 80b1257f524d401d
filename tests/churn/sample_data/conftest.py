"""A made-up delivery of each test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.churn.sample_data.writer import write_sample_data
from tests.churn.sample_data.deliveries import Frames, read


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., Frames]:
    """Writes a delivery of 2,500 users unless told otherwise, and reads it."""

    def write(**arguments: object) -> Frames:
        write_sample_data(tmp_path, **{"users": 2500, "seed": 7, **arguments})
        return read(tmp_path)

    return write
