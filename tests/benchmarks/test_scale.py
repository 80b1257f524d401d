"""The benchmark of growth at tiny sizes: what it reports, never how long anything took."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.churn import work
from benchmarks.churn.place import Place, deliver
from benchmarks.crypto_events.ours import STEPS
from benchmarks.scale.__main__ import main
from benchmarks.scale.churn import Ladder, in_child
from benchmarks.scale.findings import Cost, Findings, Remark
from benchmarks.scale.growth import Checked, Growth
from benchmarks.scale.report import markdown, write_report
from flows.errors import KpiError

pytestmark = pytest.mark.xdist_group("growth")


def test_a_line_says_what_a_larger_size_costs() -> None:
    costs = {1_000_000: 12.0, 2_000_000: 13.0, 3_000_000: 16.0}
    growth = Growth("work", "CPU s", "rows", costs, Checked(10_000_000, 33.0))
    assert growth.slope == pytest.approx(2 / 1_000_000)
    assert growth.fixed == pytest.approx(10)
    assert growth.at(10_000_000) == pytest.approx(30)
    assert growth.ratio == pytest.approx(1.1)
    assert growth.bend == pytest.approx(-1 / 16)


def test_a_size_that_fails_loses_nothing_and_the_next_part_goes_on(tmp_path: Path) -> None:
    rows_in_file: list[int] = []

    def keep(findings: Findings) -> None:
        write_report(findings, tmp_path)
        rows_in_file.append((tmp_path / "scale.md").read_text().count("| work, CPU s |"))

    def costs_of(size: int) -> Iterator[Cost]:
        yield Cost("work", "CPU s", size / 10)
        if size == 30:
            raise KpiError("The disk\nis full.")
        yield Cost("more work", "CPU s", size / 5)

    said: list[str] = []
    findings = Findings(keep, said.append)
    findings.measure("rows", [10, 20], costs_of, check=30)
    findings.measure("users", [30, 40], costs_of, check=50)
    findings.measure("days", [1, 2], costs_of)

    assert rows_in_file == [1, 1, 1, 2, 3, 3]
    why = "not measured to the end, nor a larger one: The disk is full."
    assert findings.remarks == [Remark("rows", 30, why), Remark("users", 30, why)]
    growths = {(each.of, each.name): each for each in findings.growths()}
    assert growths["rows", "work"].checked == Checked(30, 3.0)
    assert growths["rows", "more work"].checked is None
    assert growths["users", "work"].costs == {30: 3.0}
    assert growths["users", "work"].slope is None
    assert growths["days", "more work"].slope == pytest.approx(0.2)
    table = markdown(findings)
    assert "| work, CPU s | users | 30 |  |  |  |  |  |  |  |" in table
    assert table.endswith(f"\n- 30 rows: {why}\n- 30 users: {why}\n")
    assert any("20 rows (size 2 of 3)" in line for line in said)


def test_a_memory_that_is_too_small_for_a_size_is_said_and_the_next_measured(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path)
    deliver(place, 100_000)
    in_child(place, work.CLEAN, {})
    findings = Findings(lambda _: None, lambda _: None)

    def costs(*memory: int) -> list[Cost]:
        ladder = Ladder(findings, memory, lambda _: None)
        return list(ladder.climb(100_000, "features", partial(in_child, place, work.STEP)))

    cpu, memory = costs(1024, 64)
    assert [cpu.unit, memory.unit] == ["CPU s", "MB"]
    said = Remark("users", 100_000, "features needs more than KPI_DUCKDB_MEMORY_MB=64.")
    assert findings.remarks == [said]
    with pytest.raises(KpiError, match="The 64 MB that DuckDB may use are too few"):
        costs(64)


def test_each_step_is_measured_and_checked(
    tmp_path: Path, short_lived_java: None, capsys: pytest.CaptureFixture[str]
) -> None:
    # What is measured already is not measured again to check it. Each of users starts Spark twice,
    # and of sizes that grow one part is enough.
    rows = ["--rows", "1000", "2000", "--check-rows", "2000"]
    more = ["--history", "1000", "--days", "5"]
    users = ["--users", "600", "--check-users", "600"]
    main([*rows, *more, *users, "--output", str(tmp_path)])
    kept = json.loads((tmp_path / "scale.json").read_text())
    assert kept["remarks"] == []
    figures = kept["growths"]
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
    printed = capsys.readouterr()
    assert printed.out == table
    assert "2,000 rows of the window (size 2 of 2)" in printed.err
    assert table.count("\n") == 4 + len(figures)
