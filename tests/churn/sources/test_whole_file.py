"""Rules about a churn file as a whole: rows, and the share of cells that are missing."""

from pathlib import Path

import pytest

from flows.churn.sources.checked_file import CheckedFile, write_checked
from flows.churn.sources.contract import source_file
from flows.churn.sources.reading.csv_file import open_source
from flows.contracts.read import read_contract
from flows.errors import BadInput
from flows.platform.compute.duckdb import duckdb_connection
from flows.settings import Settings
from tests.churn.churn_files import HEADERS
from tests.contracts.changed import CHURN, changed

NAME = "DEMOGRAFICOS"
ROWS = ["1,30,F,Credit,Lima", "2,30,F,Credit,", "3,30,F,Credit,nowhere", "4,30,F,Credit,Lima"]
CITY = "        description: City\n"
PEOPLE = "    description: Who the user is, one row per user\n"


def checked(settings: Settings, folder: Path, after: str, rule: str) -> CheckedFile:
    """Check four rows by a contract that has the rule, of a city or of the file."""
    blanks = " " * (8 if after == CITY else 4)
    entry = f"{blanks}quality:\n{blanks}  - {{id: mine, {rule}}}\n"
    contract = read_contract(changed(folder, after, after + entry, of=CHURN))
    path = folder / f"{NAME}.csv"
    path.write_text("\n".join([HEADERS[NAME], *ROWS, ""]), "utf-8")
    source = open_source(source_file(contract, contract.table(NAME)), path, "%Y-%m-%d")
    with duckdb_connection(settings) as connection:
        return write_checked(connection, source, folder / "checked.parquet")


SHARE = "unit: percent, metric: missingValues"
OF_CITY = f"{NAME}.csv: column CITY is missing in"


@pytest.mark.parametrize(
    ("after", "rule", "says"),
    [
        (PEOPLE, "metric: rowCount, mustBeGreaterThan: 3", None),
        (PEOPLE, "metric: rowCount, mustBeGreaterThan: 4", "it has 4 rows, and not at least 5 ro"),
        (PEOPLE, "metric: rowCount, mustBeBetween: [1, 3]", "not at least 1 and at most 3 rows"),
        (CITY, f"{SHARE}, mustBeLessOrEqualTo: 25", None),
        (
            CITY,
            f"{SHARE}, mustBeLessThan: 25",
            f"{OF_CITY} 1 of 4 rows, and may be in less than 25",
        ),
        (
            CITY,
            f"{SHARE}, mustBeLessOrEqualTo: 49.9, arguments: {{missingValues: [nowhere]}}",
            f"{OF_CITY} 2 of 4 rows, and may be in at most 49.9 % (mine).",
        ),
        (
            CITY,
            f"{SHARE}, mustBeLessOrEqualTo: 50, arguments: {{missingValues: [nowhere]}}",
            None,
        ),
    ],
)
def test_a_file_that_breaks_such_a_rule_is_refused_and_told_of_when_it_is_a_warning(
    churn_settings: Settings, tmp_path: Path, after: str, rule: str, says: str | None
) -> None:
    if says is None:
        assert checked(churn_settings, tmp_path, after, rule).warnings == ()
        return
    with pytest.raises(BadInput) as refused:
        checked(churn_settings, tmp_path, after, rule)
    assert says in str(refused.value)
    assert not (tmp_path / "checked.parquet").exists()
    (warning,) = checked(churn_settings, tmp_path, after, f"{rule}, severity: warn").sentences
    assert warning.endswith("(mine): it passes, being a warning.")
