"""The benchmark of being seen at a tiny size: what it reports, never how long anything took."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.observed.__main__ import main
from benchmarks.observed.switch import DISABLED, seen, unseen
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import plan_run
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.storage.layout import lineage_folder
from flows.platform.warehouse import connection
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

pytestmark = pytest.mark.xdist_group("benchmarks")


def test_a_run_is_measured_seen_and_unseen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--rows=10", "--repetitions=1", f"--output={tmp_path}"])
    found = json.loads((tmp_path / "observed.json").read_text(encoding="utf-8"))
    assert found["rows"] == 50
    assert min(found["seen"], found["unseen"], found["a scrape"]) > 0
    assert found["kpi run"] > found["unseen"]
    assert "at most 2%" in capsys.readouterr().out
    assert DISABLED not in os.environ


def test_off_is_off_for_lineage_and_ids(
    settings: Settings, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, with_ids = tmp_path / "plain.log", tmp_path / "ids.log"
    names: list[str] = []
    name_of = connection._application_name

    def note(purpose: str) -> str:
        names.append(purpose if name_of(purpose) == f"kpi {purpose}" else f"{purpose} with id")
        return name_of(purpose)

    monkeypatch.setattr(connection, "_application_name", note)
    given = settings.model_copy(
        update={"crypto": settings.crypto.model_copy(update={"min_rows_per_day": 5})}
    )

    def run() -> None:
        run_steps(PIPELINE, given, plan_run(given, None), generate=True)

    with unseen(plain):
        run()
    assert not any("with id" in name for name in names)
    assert "lineage" not in names
    assert not lineage_folder(settings).exists()
    lines = plain.read_text(encoding="utf-8").splitlines()
    assert lines
    assert not any(line.startswith("{") for line in lines)

    with seen(with_ids):
        run()
    assert "lineage with id" in names
    assert list(lineage_folder(settings).iterdir())
    told = [json.loads(line)["run"] for line in with_ids.read_text(encoding="utf-8").splitlines()]
    assert told
    assert "-" not in told
