"""The simulation of quiet and changed weeks, with few repetitions and a fixed seed."""

import json
from pathlib import Path

from benchmarks.churn.drift import main


def test_quiet_weeks_are_quiet_and_a_shift_is_seen(tmp_path: Path) -> None:
    options = ["--users", "200", "--repetitions=20", "--population=4000"]

    assert main([*options, f"--output={tmp_path}"]) == 0

    found = json.loads((tmp_path / "churn_drift.json").read_text())
    assert [(rate["users"], rate["weeks_of_reference"]) for rate in found["quiet"]] == [
        (200, 1),
        (200, 8),
    ]
    for quiet in found["quiet"]:
        assert quiet["any_column"] <= 0.05
        assert quiet["drifted_week"] == 0
        # What a threshold that does not know the number of users would have made of it.
        assert quiet["fixed_any_column"] == 1
        assert quiet["fixed_drifted_week"] > 0.4
    for changed in found["changed"]:
        assert changed["users"] == 1000
        assert changed["drifted_week"] == 1
        assert changed["least_seen"] >= 0.9
