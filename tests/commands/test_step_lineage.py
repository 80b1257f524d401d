"""What `kpi step` tells of the whole run, as a scheduler tries its steps again or does not."""

import os
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flows.churn.sample_data.writer import write_sample_data
from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import (
    BuiltCandidate,
    build_events_candidate,
)
from flows.local.machine import LOOPBACK
from flows.platform.pipeline.lineage.names import lineage_run_id
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.settings import Settings, load_settings
from tests.platform.pipeline.lineage.read_events import events_of, kinds_of

Kpi = Callable[..., Any]

BUILD = ("step", "crypto_events", "build_events_candidate")
OF_BUILD = f"crypto_events.{BUILD[-1]}"
BEGUN = [("crypto_events", "START"), (OF_BUILD, "START")]


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A small delivery."""
    write_sample_data(tmp_path / "delivery", users=200, seed=1)
    return str(tmp_path / "delivery")


def end_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first step end by this error."""

    def build(settings: Settings, run: WindowRun) -> BuiltCandidate:
        raise error

    monkeypatch.setattr(f"{build_events_candidate.__module__}.{BUILD[-1]}", build)


def test_a_run_fails_in_its_lineage_when_its_step_is_not_tried_again(
    warehouse: Settings, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_by(psycopg.OperationalError("the connection is lost"), monkeypatch)
    run = ("--run-id", "x", "--as-of", "2025-03-10", "--hold-for", "600")
    assert kpi(*BUILD, *run, "--tries-left", "1").code == os.EX_TEMPFAIL
    assert kinds_of(events_of(warehouse)) == [*BEGUN, (OF_BUILD, "FAIL")]

    assert kpi(*BUILD, *run).code == os.EX_TEMPFAIL
    assert kinds_of(events_of(warehouse))[3:] == [
        (OF_BUILD, "START"),
        (OF_BUILD, "FAIL"),
        ("crypto_events", "FAIL"),
    ]


def test_a_run_whose_warehouse_is_away_begins_and_fails_with_its_last_try(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", f"postgresql://kpi@{LOOPBACK}:1/nobody")
    run = ("--run-id", "x", "--as-of", "2025-03-10")
    assert kpi(*BUILD, *run, "--tries-left", "1").code == os.EX_TEMPFAIL
    assert events_of(load_settings()) == []
    assert kpi(*BUILD, *run).code == os.EX_TEMPFAIL
    told = [("crypto_events", "START"), ("crypto_events", "FAIL")]
    assert kinds_of(events_of(load_settings())) == told


@pytest.mark.parametrize("tries_left", [1, 0])
def test_an_interruption_ends_a_run_only_where_nobody_tries_its_step_again(
    tries_left: int, warehouse: Settings, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_by(SystemExit(128 + signal.SIGTERM), monkeypatch)  # what SIGTERM becomes
    run = ("--run-id", "x", "--as-of", "2025-03-10", "--tries-left", str(tries_left))
    assert kpi(*BUILD, *run).code == 128 + signal.SIGTERM

    told = kinds_of(events_of(warehouse))
    assert told == [*BEGUN, (OF_BUILD, "ABORT"), *[("crypto_events", "ABORT")][tries_left:]]


def test_a_run_that_fails_before_its_first_step_is_told(
    warehouse: Settings, kpi: Kpi, source: str
) -> None:
    (Path(source) / "PAYMENTS.csv").unlink()
    run = ("--run-id", "x", "--source", source)
    assert kpi("step", "churn_training", "clean_raw_sources", *run).code == 2

    events = events_of(warehouse)
    assert kinds_of(events) == [("churn_training", "START"), ("churn_training", "FAIL")]
    assert "PAYMENTS.csv" in events[-1]["run"]["facets"]["errorMessage"]["message"]
    assert {event["run"]["runId"] for event in events} == {
        lineage_run_id(Run(as_of=date.max, run_id="x"))
    }


def test_a_run_that_finds_its_pipeline_busy_is_told(warehouse: Settings, kpi: Kpi) -> None:
    with pipeline_lock(warehouse, "crypto_events", Run(as_of=date(2025, 3, 10))):
        assert kpi(*BUILD, "--run-id", "x", "--as-of", "2025-03-10").code == 1
    told = [("crypto_events", "START"), ("crypto_events", "FAIL")]
    assert kinds_of(events_of(warehouse)) == told
