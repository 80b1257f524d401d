"""The benchmark of growth at tiny sizes: what it reports, never how long anything took."""

import json
from pathlib import Path

import pytest

from benchmarks.crypto_events.ours import STEPS
from benchmarks.scale.__main__ import main
from benchmarks.scale.growth import Checked, Growth

pytestmark = pytest.mark.xdist_group("growth")


def test_a_line_says_what_a_larger_size_costs() -> None:
    costs = {1_000_000: 12.0, 2_000_000: 13.0, 3_000_000: 16.0}
    growth = Growth("work", "CPU s", "rows", costs, Checked(10_000_000, 33.0))
    assert growth.slope * 1_000_000 == pytest.approx(2)
    assert growth.fixed == pytest.approx(10)
    assert growth.at(10_000_000) == pytest.approx(30)
    assert growth.ratio == pytest.approx(1.1)
    assert growth.bend == pytest.approx(-1 / 16)


def test_each_step_is_measured_and_checked(
    tmp_path: Path, short_lived_java: None, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["--rows", "1000", "2000", "--check-rows", "3000"]
    more = ["--history", "0", "1000", "--days", "5", "6"]
    users = ["--users", "600", "700", "--check-users", "700"]  # each starts Spark
    main([*rows, *more, *users, "--output", str(tmp_path)])
    figures = json.loads((tmp_path / "scale.json").read_text())
    measured: dict[str, set[str]] = {}
    for each in figures:
        measured.setdefault(each["of"], set()).add(each["name"])
    days = ("first load", "unchanged day", "few changed rows")
    assert measured == {
        "rows of the window": {
            *(f"crypto events, {day}: {step}" for day in days for step in ("all steps", *STEPS)),
            "crypto events, first load: the database after it",
        },
        "older rows, beside 1,000": {f"crypto events, {day}: all steps" for day in days},
        "days of 200 rows": {f"crypto events, {day}: all steps" for day in days},
        "users": {
            "churn, clean_raw_sources",
            "churn, feature_engineering",
            "churn, one fit with Spark",
            "churn, kpi score",
        },
    }
    checked = [each for each in figures if each["checked"]]
    assert {each["of"] for each in checked} == {"rows of the window", "users"}
    assert all(each["checked"]["cost"] > 0 for each in checked)
    table = (tmp_path / "scale.md").read_text()
    assert capsys.readouterr().out == table
    assert table.count("\n") == 4 + len(figures)
