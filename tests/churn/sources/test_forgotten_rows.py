"""Checked files without the rows of people who were forgotten, whatever is delivered."""

import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.churn.planning import plan_snapshot
from flows.churn.sources.clean_raw_sources import clean_folder, clean_raw_sources, report_sources
from flows.forgetting.forget import forget
from flows.settings import Settings
from tests.churn.churn_files import ROWS, deliver


def test_they_are_left_out_and_counted(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    forget(settings, "2", why="asked for it", by="Ana")
    run = plan_snapshot(settings, source=deliver(tmp_path / "churn"), run_id="run")

    with caplog.at_level(logging.INFO):
        found = clean_raw_sources(settings, run)

    assert found.forgotten_rows == dict.fromkeys(ROWS, 1)
    assert found.rows == {name: len(rows) - 1 for name, rows in ROWS.items()}
    for name in ROWS:
        table = pq.read_table(clean_folder(settings, run) / f"{name}.parquet")
        assert 2 not in table["user_id"].to_pylist()
    assert "Left out, being of people who were forgotten: ACTIVE_USER.csv 1 row" in caplog.text
    sources, _ = report_sources(settings, run)
    assert {row["forgotten"] for row in sources.content} == {1}
