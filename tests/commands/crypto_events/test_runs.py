"""`kpi run`, `backfill`, `replay`, `plan`, `step`, on real rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

Kpi = Callable[..., Any]
Deliver = Callable[..., None]

WINDOW = ("--as-of", "2025-03-10", "--window-days", "2")
NEED_GREAT_EXPECTATIONS = {"ge_validate_candidate", "notify_success"}
GOOD = "ARGENTINA,100012,10/3/2025,BTC,20000,2"
BAD = "Brasil,100013,9/3/2025,ETH,1200,1.5"


def live_users(db: Connection) -> list[int]:
    rows = db.execute("SELECT user_id FROM prod.bt_crypto_events WHERE is_active ORDER BY user_id")
    return [row["user_id"] for row in rows]


@pytest.mark.usefixtures("warehouse")
def test_backfill_publishes_the_history(kpi: Kpi, db: Connection) -> None:
    said = kpi("backfill", "--from", "2023-01-01", "--to", "2023-02-01")

    assert said.code == 0
    assert said.out.splitlines() == [
        "Published 2023-01-01 to 2023-01-31: 10 inserted.",
        "Published 2023-02-01 to 2023-02-01: 1 inserted, 1 repeated.",
    ]
    assert "Window 1 of 2: 31 days up to 2023-01-31" in said.err
    assert "Window 2 of 2: 1 day up to 2023-02-01" in said.err
    assert len(live_users(db)) == 11


def test_bad_rows_stop_a_run_until_they_are_dismissed(
    warehouse: Settings,
    kpi: Kpi,
    deliver: Deliver,
    db: Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    deliver(warehouse, GOOD, BAD)

    refused = kpi("run", *WINDOW, "--no-generate")

    assert (refused.code, refused.out) == (1, "")
    assert refused.sentence.startswith(
        "kpi: 1 of 2 raw rows of 2025-03-09 to 2025-03-10 break the contract (site_id_unknown: 1)."
    )
    assert live_users(db) == []

    kpi("rejects", "dismiss", "--reason", "site_id_unknown", "--why", "test site")
    deliver(warehouse, BAD)
    passed = kpi("run", *WINDOW, "--no-generate")

    assert passed.code == 0
    assert passed.out == "Published 2025-03-09 to 2025-03-10: 1 inserted, 2 dismissed.\n"
    # On the terminal too, not only in Prefect.
    assert "crypto-events 2025-03-09 to 2025-03-10: 1 inserted" in caplog.text
    assert str(db.info.password) not in caplog.text
    assert live_users(db) == [100012]


def test_replay_publishes_a_corrected_row(
    warehouse: Settings, kpi: Kpi, deliver: Deliver, db: Connection
) -> None:
    nothing = kpi("replay")
    assert (nothing.code, "nothing to replay" in nothing.out) == (0, True)
    deliver(warehouse, GOOD, BAD)
    kpi("run", *WINDOW, "--no-generate", "--policy", "quarantine", "--max-reject-share", "0.5")
    assert live_users(db) == [100012]
    (reject,) = db.execute("SELECT raw_id FROM dqm.bt_crypto_events_rejects").fetchall()

    raw_id = str(reject["raw_id"])
    kpi("rejects", "correct", raw_id, "site_id=BRASIL", "--why", "their typo")
    replayed = kpi("replay")

    assert replayed.code == 0
    assert replayed.out == "Published 2025-03-09 to 2025-03-09: 1 inserted, 1 dismissed.\n"
    assert live_users(db) == [100012, 100013]
    assert "nothing to replay" in kpi("replay").out


def test_plan_shows_what_a_run_would_do(
    warehouse: Settings, kpi: Kpi, deliver: Deliver, db: Connection
) -> None:
    deliver(warehouse, GOOD, GOOD, BAD)

    said = kpi("plan", *WINDOW)

    assert said.code == 0
    shown = {tuple(line.split("│")[1:-1]) for line in said.out.splitlines() if "│" in line}
    rows = {tuple(cell.strip() for cell in row) for row in shown}
    assert {("candidates", "1"), ("repeated", "1"), ("site_id_unknown", "1")} <= rows
    assert ("2025-03-10", "1", "0", "0", "0") in rows
    assert "the bad rows would stop this run" in said.out
    assert db.execute("SELECT FROM dqm.bt_crypto_events_runs").fetchall() == []
    assert "would stop" not in kpi("plan", *WINDOW, "--policy", "quarantine").out
    for_programs = kpi("plan", *WINDOW, "--format", "json")
    assert {"day": None, "what": "site_id_unknown", "rows": 1} in json.loads(for_programs.out)
    assert {"day": "2025-03-10", "what": "inserted", "rows": 1} in json.loads(for_programs.out)
    assert "the bad rows would stop this run" in for_programs.err
    assert "would stay as it is" in kpi("plan", "--as-of", "2025-01-01").out


def test_plan_tells_what_the_delivery_asks(
    warehouse: Settings,
    kpi: Kpi,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    soon = changed(tmp_path, "knownDays: 7", "knownDays: 1")
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(soon))
    usual = [GOOD.replace("100012,10/3", f"{user},8/3") for user in range(1, 11)]
    deliver(warehouse, *usual, GOOD.replace("10/3", "9/3"), GOOD)
    assert (
        "The delivery asks a question, which would stop this run: 2025-03-09 has 1 row, less than "
        "20 % of the 10 of 1 day before (day_has_few_rows).\n"
    ) in kpi("plan", "--as-of", "2025-03-10", "--window-days", "3").out


def test_each_step_ends_with_its_result_as_json(
    warehouse: Settings, kpi: Kpi, kpi_process: Kpi, db: Connection
) -> None:
    results = {}
    for step in PIPELINE.steps:
        # Airflow gives each step a process of its own; it matters where Great Expectations is.
        run = kpi_process if step.name in NEED_GREAT_EXPECTATIONS else kpi
        said = run("step", "crypto_events", step.name, "--run-id", "airflow-1", *WINDOW)
        assert said.code == 0, said.err
        results[step.name] = json.loads(said.out.splitlines()[-1])

    assert results["generate_fake_history_last_5_days"]["rows"] == 8
    assert results["build_events_candidate"]["candidate_rows"] == 8
    assert results["ge_validate_raw"]["success"] is True
    assert results["ge_validate_candidate"]["suite"] == "suite_staging_candidate"
    assert results["merge_to_prod"]["inserted"] == 8
    assert results["vacuum_analyze_prod"]["partitions"] == ["bt_crypto_events_2025_03"]
    assert "8 inserted" in results["notify_success"]["message"]
    assert str(warehouse.home) in results["notify_success"]["data_docs"]
    assert len(live_users(db)) == 8


def test_a_failing_step_ends_with_a_sentence(
    warehouse: Settings, kpi: Kpi, deliver: Deliver, db: Connection
) -> None:
    deliver(warehouse, GOOD, BAD)

    def step(name: str, run_id: str = "airflow-1") -> Any:
        return kpi("step", "crypto_events", name, "--run-id", run_id, *WINDOW)

    assert step("build_events_candidate").code == 0
    failed = step("ge_validate_raw")
    unvalidated = step("merge_to_prod")
    unknown = step("merge_to_prod", "airflow-2")

    assert (failed.code, failed.out) == (1, "")
    assert failed.sentence.startswith("kpi: 1 of 2 raw rows of 2025-03-09 to 2025-03-10 break")
    assert (unvalidated.code, unvalidated.out) == (1, "")
    assert "Run airflow-1 failed suite_raw_history." in unvalidated.sentence
    assert "Run airflow-2 has staged nothing." in unknown.sentence
    assert live_users(db) == []
