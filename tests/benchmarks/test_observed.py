"""The benchmark of being seen at a tiny size: what it reports, never how long anything took."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.observed.__main__ import main

pytestmark = pytest.mark.xdist_group("benchmarks")


def test_a_run_is_measured_with_lineage_and_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--rows=10", "--repetitions=2", f"--output={tmp_path}"])
    found = json.loads((tmp_path / "observed.json").read_text(encoding="utf-8"))
    assert found["rows"] == 50
    assert min(found["with lineage"], found["without"], found["a scrape"]) > 0
    assert "at most 2%" in capsys.readouterr().out
    assert "OPENLINEAGE_DISABLED" not in os.environ
