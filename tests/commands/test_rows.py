"""Rows as a table that loses no value, and as CSV and JSON that programs read."""

import csv
import json
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from flows.commands.rows import print_rows
from flows.paths import REPOSITORY

LONG = "9" * 200
ROWS: list[dict[str, Any]] = [
    {
        "raw_id": 1234567,
        "rows": 1234567,
        "cell": 'a,"b"\n\x1b[31m\u00a0',
        "day": date(2025, 3, 9),
        "at": datetime(2025, 3, 9, 1, 2, 3, 456, UTC),
        "share": 0.123456789,
        "why": ["one", "two"],
        "nothing": None,
    },
    {
        "raw_id": 2,
        "rows": 0,
        "cell": "",
        "day": None,
        "at": None,
        "share": 1.0,
        "why": [],
        "nothing": LONG,
    },
]
COLUMNS = {name: name.upper() for name in ROWS[0]}


def table(width: int, *names: str) -> list[str]:
    """The lines that people see on a terminal of this width."""
    columns = {name: COLUMNS[name] for name in names or COLUMNS}
    console = Console(file=StringIO(), width=width)
    print_rows(ROWS, columns, "table", counts={"rows"}, console=console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_whatever_prints_a_table_prints_it_here() -> None:
    flows = REPOSITORY / "flows"
    users = [path for path in flows.rglob("*.py") if "rich.table" in path.read_text("utf-8")]
    assert users == [flows / "commands" / "rows.py"]


def test_people_see_invisible_letters_and_which_number_is_a_count() -> None:
    line = next(line for line in table(1000) if "1234567" in line)
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        *("1234567", "1,234,567", 'a,"b"\\n\\x1b[31m\\xa0'),
        *("2025-03-09", "2025-03-09 01:02:03+00:00", "0.1235", "one", "∅"),
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_narrow_terminal_wraps_every_value_and_cuts_none(width: int) -> None:
    for names in ((), ("raw_id", "nothing"), ("cell", "at")):
        shown = table(width, *names)
        assert max(map(len, shown)) <= width
        assert "…" not in "".join(shown)
    assert sum(line.count("9") for line in table(width, "nothing")) == len(LONG)


def test_where_no_table_fits_each_row_has_lines_of_its_own() -> None:
    shown = table(80, "raw_id", "rows", "cell", "day", "at", "nothing", "share", "why")
    assert shown[0].split() == ["RAW_ID", "1234567"]
    assert shown[3].split() == ["DAY", "2025-03-09"]


def test_json_holds_numbers_lists_and_iso_dates(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, COLUMNS, "json", counts={"rows"})
    iso = {"day": "2025-03-09", "at": "2025-03-09T01:02:03.000456+00:00"}
    assert json.loads(capsys.readouterr().out) == [{**ROWS[0], **iso}, ROWS[1]]


def test_csv_tells_an_empty_cell_from_a_missing_one(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, {"raw_id": "", "cell": "", "day": "", "why": ""}, "csv")
    said = capsys.readouterr().out
    assert said.splitlines()[0] == '"raw_id","cell","day","why"'
    assert said.splitlines()[-1] == '2,"",,"[]"'
    assert list(csv.reader(StringIO(said)))[1] == [
        *("1234567", ROWS[0]["cell"], "2025-03-09", '["one", "two"]')
    ]
