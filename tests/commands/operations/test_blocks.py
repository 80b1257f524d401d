"""`kpi blocks apply`: what was registered, and what is in the way."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.local.machine import LOOPBACK, free_port


@pytest.fixture(autouse=True)
def _a_prefect_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://me:db-secret@nowhere.example/db")
    monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", "s3-secret")


@pytest.mark.long
def test_results_in_s3_ask_for_blocks_and_apply_registers_them(
    kpi_process: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_STORAGE", "s3")
    refused = kpi_process("run")
    assert refused.code == 1
    assert refused.sentence == (
        "kpi: Prefect has no block s3-bucket/kpi-results. Register it with kpi blocks apply, "
        "or set KPI_CONNECTIONS=environment."
    )
    # Where flows read blocks the environment is what is registered, all the same.
    monkeypatch.setenv("KPI_CONNECTIONS", "blocks")
    applied = kpi_process("blocks", "apply")
    assert applied.out == (
        "Registered sqlalchemy-connector/kpi-warehouse.\n"
        "Registered aws-credentials/kpi-s3.\n"
        "Registered s3-bucket/kpi-runs.\n"
        "Registered s3-bucket/kpi-results.\n"
    )
    assert "secret" not in applied.out + applied.err
    assert Path("kpi/prefect/prefect.db").exists()


def test_a_server_that_does_not_answer_is_told(
    kpi_process: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://{LOOPBACK}:{free_port()}/api")
    said = kpi_process("blocks", "apply")
    assert said.code == 1
    assert said.sentence.startswith("kpi: The Prefect server at http://127.0.0.1:")
    assert "does not answer as it should (ConnectError)." in said.sentence
