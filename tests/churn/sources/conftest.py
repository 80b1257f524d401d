"""The checked files of a delivery, as rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.churn.planning import plan_training
from flows.churn.sources.clean_raw_sources import clean_folder, clean_raw_sources
from flows.settings import Settings
from tests.churn.churn_files import AS_OF

Row = tuple[Any, ...]
Rows = Callable[[str], list[Row]]


@pytest.fixture
def rows(churn_settings: Settings, tmp_path: Path) -> Rows:
    """Clean the delivery in `tmp_path`, and read a checked file."""

    def read(name: str) -> list[Row]:
        run = plan_training(churn_settings, AS_OF, source=tmp_path, run_id="run")
        clean_raw_sources(churn_settings, run)
        table = pq.read_table(clean_folder(churn_settings, run) / f"{name}.parquet")
        return [tuple(row.values()) for row in table.to_pylist()]

    return read
