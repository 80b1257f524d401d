"""Whatever is wrong, the command ends with an exit code and one sentence."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from flows.settings import Settings

Kpi = Callable[..., Any]
NOBODY_THERE = "postgresql://kpi:db-secret@127.0.0.1:1/db"


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({"KPI_CRYPTO__POLICY": "x"}, 2, "KPI_CRYPTO__POLICY: Input should be 'abort' or"),
        ({"KPI_TIME_ZONE": "Mars"}, 2, "KPI_TIME_ZONE: 'Mars' is no time zone"),
        ({"KPI_DATABASE_URL": "here:db-secret"}, 2, "KPI_DATABASE_URL: it must be postgresql://"),
        ({"KPI_DATABASE_URL": NOBODY_THERE}, 75, "The warehouse does not answer: .*kpi doctor"),
        ({"KPI_CRYPTO__DATE_FORMAT": "Y"}, 2, "KPI_CRYPTO__DATE_FORMAT is 'Y', but it must"),
    ],
)
@pytest.mark.usefixtures("warehouse")
def test_what_is_wrong_outside_is_told_in_one_line(
    environment: dict[str, str],
    code: int,
    sentence: str,
    kpi: Kpi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    said = kpi("plan")

    assert (said.code, said.out) == (code, "")
    assert re.match(f"kpi: .*{sentence}", said.err)
    assert said.err.count("\n") == 1
    assert "db-secret" not in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["step", "crypto_events", "publish", "--run-id", "1"],
            "Its steps: generate_",
        ),
        (
            ["step", "churn", "merge_to_prod", "--run-id", "1"],
            "There is no pipeline churn. Pipelines: crypto_events",
        ),
        (["step", "crypto_events", "merge_to_prod"], "Missing option '--run-id'"),
        (["run", "--as-of", "2025-02-30"], "'2025-02-30' does not match the format '%Y-%m-%d'"),
        (["run", "--policy", "hope"], "'hope' is not one of 'abort', 'quarantine'"),
        (["run", "--max-reject-share", "2"], "2.0 is not in the range"),
        (["run", "--window-days", "0"], "0 is not in the range"),
        (["backfill", "--from", "2023-01-02", "--to", "2023-01-01"], "lies after --to 2023-01-01"),
        (["backfill", "--from", "2023-01-01"], "Missing option '--to'"),
        (["rejects", "dismiss", "--why", "known"], "either RAW_IDs or --reason"),
        (["rejects", "dismiss", "1", "--reason", "x", "--why", "y"], "either RAW_IDs or --reason"),
        (["rejects", "dismiss", "1"], "Missing option '--why'"),
        (["rejects", "dismiss", "999", "--why", "known"], "No open reject has raw_id 999"),
        (["rejects", "correct", "999", "site_id", "--why", "x"], "COLUMN=VALUE, for example"),
        (["rejects", "correct", "999", "site_id=BRASIL", "--why", "x"], "is no open reject"),
        (["ingest", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["publish"], "No such command 'publish'"),
    ],
)
@pytest.mark.usefixtures("warehouse")
def test_what_is_wrong_on_the_line_ends_with_exit_code_2(
    arguments: list[str], told: str, kpi: Kpi
) -> None:
    said = kpi(*arguments)

    assert (said.code, said.out) == (2, "")
    assert told in said.err


def test_a_user_without_rights_is_told_so(
    warehouse: Settings, db: Any, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    try:
        port, name = db.info.port, db.info.dbname
        monkeypatch.setenv("KPI_DATABASE_URL", f"postgresql://guest:guest@127.0.0.1:{port}/{name}")
        plan, doctor = kpi("plan"), kpi("doctor")
    finally:
        db.execute("DROP ROLE guest")

    assert plan.code == 1
    assert plan.err.startswith("kpi: The warehouse refuses its user: permission denied")
    assert doctor.code == 1
    assert "FAIL  The warehouse refuses its user: permission denied" in doctor.out


def test_a_process_ends_with_the_exit_code(kpi_process: Kpi) -> None:
    said = kpi_process("plan", environment={"KPI_TIME_ZONE": "Mars"})

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("kpi: Wrong setting. KPI_TIME_ZONE: 'Mars' is no time zone")


def test_help_names_every_command(kpi_process: Kpi) -> None:
    said = kpi_process("--help")

    assert said.code == 0
    for command in (
        *("demo", "run", "backfill", "replay", "plan", "step", "ingest", "rejects", "docs"),
        *("up", "down", "status", "psql", "db", "doctor"),
    ):
        assert re.search(rf"\b{command}\b", said.out)
    assert kpi_process().code == 2
