"""`kpi step` runs a step of any pipeline."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.churn.planning import last_day_delivered
from flows.churn.sample_data.writer import write_sample_data
from flows.churn.sources.deliveries.delivery import latest_payment_day
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import (
    BuiltCandidate,
    build_events_candidate,
)
from flows.errors import BadInput
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

Kpi = Callable[..., Any]

USER = 47_114_711
BUILD = ("step", "crypto_events", "build_events_candidate")


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A small delivery."""
    write_sample_data(tmp_path / "delivery", users=200, seed=1)
    return str(tmp_path / "delivery")


def test_the_steps_of_a_churn_run_hand_on_through_its_folder(
    warehouse: Settings, kpi: Kpi, source: str
) -> None:
    run = ("--run-id", "airflow: a/b", "--source", source)
    cleaned = kpi("step", "churn_training", "clean_raw_sources", *run)
    made = kpi("step", "churn_training", "feature_engineering", *run)

    assert (cleaned.code, made.code) == (0, 0)
    assert json.loads(cleaned.out.splitlines()[-1])["rows"]["ACTIVE_USER"] == 200
    assert json.loads(made.out.splitlines()[-1])["users"] == 200


@pytest.mark.parametrize("run_id", ["", " "])
def test_a_run_without_a_name_is_refused(kpi: Kpi, run_id: str) -> None:
    said = kpi(*BUILD, "--run-id", run_id)

    assert said.code == 2
    assert said.sentence == ("kpi: --run-id is empty. Give the same text to all steps of one run.")


@pytest.mark.usefixtures("warehouse")
def test_a_run_whose_name_is_no_name_of_a_folder_is_refused(kpi: Kpi) -> None:
    said = kpi("step", "churn_scoring", "score_users", "--run-id", "x" * 241)

    assert said.code == 2
    assert said.sentence.startswith("kpi: The id of the run is too long: 240 letters and digits")


@pytest.mark.usefixtures("warehouse")
def test_a_step_before_its_time_names_the_one_before_it(kpi: Kpi, source: str) -> None:
    said = kpi("step", "churn_training", "promote_model", "--run-id", "x", "--source", source)

    assert said.code == 2
    assert said.sentence == (
        "kpi: Run x has no decision. Take the step decide_promotion first: kpi step churn_training "
        "decide_promotion --run-id x, with the options of this one; under Airflow, clear its task."
    )


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cooking", "boil"), "There is no pipeline cooking. Pipelines: crypto_events, churn_tr"),
        (("churn_watchdog", "boil"), "There is no step churn_watchdog boil. Its steps: detect_so"),
        (
            ("churn_scoring", "score_users", "--policy", "abort"),
            "churn_scoring knows no --policy.",
        ),
        (
            ("crypto_events", "merge_to_prod", "--source", "x"),
            "crypto_events knows no --source.",
        ),
    ],
)
def test_what_there_is_not_is_told(words: tuple[str, ...], sentence: str, kpi: Kpi) -> None:
    said = kpi("step", *words, "--run-id", "x")

    assert said.code == 2
    assert said.sentence.startswith(f"kpi: {sentence}")


@pytest.mark.usefixtures("warehouse")
def test_a_scheduler_s_moment_is_a_day_of_our_time_zone(
    kpi: Kpi, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_TIME_ZONE", "Asia/Tokyo")
    midnight_in_tokyo = "2025-03-09T15:00:00+00:00"

    said = kpi(*BUILD, "--run-id", "x", "--logical-date", midnight_in_tokyo)

    assert said.code == 0
    assert as_of_runs(db) == {"x": date(2025, 3, 10)}
    kpi(*BUILD, "--run-id", "y", "--logical-date", midnight_in_tokyo, "--as-of", "2025-03-01")
    assert as_of_runs(db)["y"] == date(2025, 3, 1)


@pytest.mark.usefixtures("warehouse")
def test_to_churn_a_scheduler_s_day_is_at_most_the_last_one_delivered(
    kpi: Kpi, source: str, db: Connection
) -> None:
    delivered = latest_payment_day(Settings(), Path(source))
    days = {}
    for moment, run in (("2126-11-23", "late"), (str(delivered - timedelta(days=7)), "early")):
        told = ("--run-id", run, "--source", source, "--logical-date", f"{moment}T00:00:00+00:00")
        held = kpi("step", "churn_drift_monitor", "build_current_snapshot", *told)
        days[run] = json.loads(held.out.splitlines()[-1])["day"]

    assert days == {"late": str(delivered), "early": str(delivered - timedelta(days=7))}


def test_later_steps_go_by_the_files_that_the_run_checked(
    warehouse: Settings, kpi: Kpi, source: str
) -> None:
    told = ("--run-id", "x", "--source", source, "--logical-date", "2126-11-23T00:00:00+00:00")
    first = kpi("step", "churn_drift_monitor", "build_current_snapshot", *told)
    day = json.loads(first.out.splitlines()[-1])["day"]
    shutil.rmtree(source)  # the next delivery is on its way

    checked = last_day_delivered(warehouse, date.max, source=Path(source), run_id="x")
    assert str(checked) == day
    with pytest.raises(BadInput):
        last_day_delivered(warehouse, date.max, source=Path(source))


def test_a_run_keeps_its_pipeline_until_its_last_step(
    warehouse: Settings, kpi: Kpi, deliver: Callable[..., None]
) -> None:
    deliver(warehouse, "BRASIL,1,10/3/2025,BTC,2,3")
    day = ("--as-of", "2025-03-10", "--hold-for", "600")
    names = [step.name for step in PIPELINE.steps if not step.only_with]
    for name in names:
        assert kpi("step", "crypto_events", name, "--run-id", "airflow/1", *day).code == 0
        other = kpi(*BUILD, "--run-id", "x", "--as-of", "2025-03-10")
        assert (other.code != 0) == (name != names[-1])
        if other.code:
            assert "Another run holds crypto_events: airflow/1 as of" in other.sentence


@pytest.mark.parametrize("another_began", [False, True])
def test_a_step_whose_lock_was_cut_is_done_and_the_next_one_looks_again(
    another_began: bool,
    warehouse: Settings,
    db: Connection,
    kpi: Kpi,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    another = pipeline_lock(
        warehouse, "crypto_events", Run(as_of=date(2025, 3, 10), run_id="another")
    )

    def build_and_lose_the_lock(settings: Settings, run: WindowRun) -> BuiltCandidate:
        built = build_events_candidate(settings, run)
        db.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE '%run=x'"
        )
        if another_began:
            another.__enter__()
        return built

    build = f"{build_events_candidate.__module__}.build_events_candidate"
    monkeypatch.setattr(build, build_and_lose_the_lock)
    run = ("--run-id", "x", "--as-of", "2025-03-10", "--hold-for", "600")

    done = kpi(*BUILD, *run)
    following = kpi("step", "crypto_events", "vacuum_analyze_prod", *run)

    told = "was lost, after all was done" if another_began else "was cut: taken again"
    assert done.code == 0
    assert told in caplog.text
    if another_began:
        assert following.sentence.startswith("kpi: Another run holds crypto_events: another as of")
        another.__exit__(None, None, None)
    else:
        assert following.code == 0


@pytest.mark.usefixtures("warehouse")
def test_the_result_is_written_to_a_file_as_well(kpi: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    said = kpi(*BUILD, "--run-id", "x", "--result-file", str(file))

    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(said.out)
    assert json.loads(said.out)["raw_rows"] == 0


@pytest.mark.usefixtures("warehouse")
def test_a_full_disk_is_told(kpi: Kpi) -> None:
    said = kpi(*BUILD, "--run-id", "x", "--result-file", "/dev/full")

    assert said.code == 1
    assert said.sentence.startswith("kpi: A disk is full, and it is none of ")


def test_a_bug_ends_with_a_sentence_that_quotes_no_row(
    warehouse: Settings, db: Connection, kpi: Kpi, deliver: Callable[..., None]
) -> None:
    """The last line is what Airflow passes on, to the webhook too."""
    deliver(warehouse, f"BRASIL,{USER},10/3/2025,BTC,2,3")
    run = ("--run-id", "x", "--as-of", "2025-03-10")
    for name in ("build_events_candidate", "ge_validate_raw", "ge_validate_candidate"):
        assert kpi("step", "crypto_events", name, *run).code == 0
    db.execute(f"ALTER TABLE prod.bt_crypto_events ADD CHECK (user_id <> {USER})".encode())

    said = subprocess.run(
        [Path(sys.executable).with_name("kpi"), "step", "crypto_events", "merge_to_prod", *run],
        capture_output=True,
        text=True,
        check=False,
    )

    *above, last = said.stderr.splitlines()
    assert said.returncode == 1
    assert last.startswith("kpi: CheckViolation (23514, prod, bt_crypto_events_2025_03, ")
    assert last.endswith("Its text may quote delivered values: it is in the traceback alone.")
    assert str(USER) not in last
    # Its own words are there, for who reads the log.
    assert f"Failing row contains (2025-03-10, BRASIL, {USER}" in "\n".join(above)


def as_of_runs(db: Connection) -> dict[str, date]:
    rows = db.execute("SELECT run_id, as_of FROM dqm.bt_crypto_events_runs").fetchall()
    return {row["run_id"]: row["as_of"] for row in rows}
