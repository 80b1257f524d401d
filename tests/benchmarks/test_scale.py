"""The benchmark of growth at tiny sizes: what it reports, never how long anything took."""

import json
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import main
from benchmarks.scale.growth import Growth

pytestmark = pytest.mark.xdist_group("benchmarks")


def test_a_line_says_what_a_larger_size_costs() -> None:
    growth = Growth("work", "CPU s", {1_000_000: 12.0, 3_000_000: 16.0}, 10_000_000, 33.0)
    assert (growth.per_million, growth.fixed, growth.predicted) == (2.0, 10.0, 30.0)
    assert growth.ratio == pytest.approx(1.1)


def test_each_work_is_measured_and_checked(
    tmp_path: Path, short_lived_java: None, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["--rows", "1000", "2000", "--check-rows", "3000"]
    users = ["--users", "300", "500", "--check-users", "600"]
    main([*rows, *users, "--output", str(tmp_path)])
    figures = json.loads((tmp_path / "scale.json").read_text())
    assert [(each["name"], each["unit"]) for each in figures] == [
        ("churn, files to features", "CPU s"),
        ("churn, files to features", "MB"),
        ("churn, one fit with Spark", "CPU s"),
        ("churn, one fit with Spark", "MB"),
        ("crypto events, first load", "CPU s"),
        ("crypto events, unchanged day", "CPU s"),
        ("crypto events, few changed rows", "CPU s"),
    ]
    assert all(each["checked"] > 0 for each in figures)
    table = (tmp_path / "scale.md").read_text()
    assert capsys.readouterr().out == table
    assert table.count("\n") == 4 + len(figures)
