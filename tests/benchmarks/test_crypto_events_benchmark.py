"""The benchmark at a tiny size: what it reports, never how long anything took."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.crypto_events.__main__ import main
from benchmarks.crypto_events.ours import GENERATOR, STEPS

pytestmark = pytest.mark.xdist_group("benchmarks")

ROWS, HISTORY, BAD_ROWS, REPETITIONS = 2_000, 5_000, 300, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one benchmark left. It raises when not everybody published the same rows."""
    output = tmp_path_factory.mktemp("benchmark")
    sizes = [f"--rows={ROWS}", f"--history={HISTORY}", f"--bad-rows={BAD_ROWS}"]
    main([*sizes, f"--repetitions={REPETITIONS}", f"--output={output}"])
    return output


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "crypto_events.json").read_text())
    return result


def test_writes_a_report_and_a_plot(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "crypto_events.json",
        "crypto_events.png",
    ]
    assert (folder / "crypto_events.png").read_bytes().startswith(b"\x89PNG")


def test_every_target_has_a_figure(report: dict[str, Any]) -> None:
    assert len(report["figures"]) == 11
    for figure in report["figures"]:
        assert figure["ours"] > 0
        assert figure["target"]
        assert figure["met"] in (True, False)


@pytest.mark.parametrize("scenario", ["first load", "unchanged", "1 % changed"])
def test_every_step_is_measured_as_often_as_asked(report: dict[str, Any], scenario: str) -> None:
    for step in STEPS:
        samples = report["samples"][f"ours/{scenario}/{step}"]
        assert len(samples) == REPETITIONS
        assert all(sample["wall"] > 0 for sample in samples)


def test_ours_and_the_common_approach_published_the_changed_window(
    report: dict[str, Any],
) -> None:
    # Each changed day adds 1 %; what is gone stays as an inactive row.
    assert report["published"]["rows"] == ROWS + REPETITIONS * ROWS // 100


def test_bad_rows_are_refused_and_clean_ones_are_not(report: dict[str, Any]) -> None:
    processes = report["processes"]
    assert f"{BAD_ROWS:,} of" in processes["run_with_bad_rows"]["refusal"]
    assert "ge_validate_raw" in processes["run_with_bad_rows"]["costs"]
    assert processes["clean_run"]["refusal"] is None
    assert set(processes["clean_run"]["costs"]) == set(STEPS)
    assert set(processes["generator"]["costs"]) == {GENERATOR}
    assert all(process["peak_memory_mb"] > 0 for process in processes.values())
