"""`kpi rejects`: see open rejects, dismiss them, correct a row."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings

Kpi = Callable[..., Any]

BAD_SITE = "[red]Brasil[/red],100013,9/3/2025,ETH,1200,1.5"
BAD_PRICE = "BRASIL,100014,9/3/2025,ETH,,1.5"


@pytest.fixture
def rejected(
    warehouse: Settings, deliver: Callable[..., None], db: Connection, kpi: Kpi
) -> list[str]:
    """Raw ids of two open rejects."""
    deliver(warehouse, BAD_SITE, BAD_PRICE)
    run = plan_run(warehouse, as_of=None, window_days=3660)
    build_events_candidate(warehouse, run)
    with transaction(warehouse, "test") as connection:
        execute(connection, "crypto_events/validation/record_rejects.sql", vars(run))
    rows = db.execute("SELECT DISTINCT raw_id FROM dqm.bt_crypto_events_rejects ORDER BY raw_id")
    return [str(row["raw_id"]) for row in rows]


@pytest.mark.usefixtures("warehouse")
def test_without_rejects_it_says_so(kpi: Kpi) -> None:
    assert kpi("rejects").out == "There is no open reject.\n"
    assert kpi("rejects", "list").out == "There is no such open reject.\n"


def test_the_table_shows_rule_and_example(rejected: list[str], kpi: Kpi) -> None:
    said = kpi("rejects")

    assert said.code == 0
    assert "site_id is one of ARGENTINA, BRASIL, MEXICO" in said.out
    assert f"{rejected[0]}: [red]Brasil[/red] | 100013 | 9/3/2025 | ETH | 1200 | 1.5" in said.out
    assert "purchase_price_missing" in said.out


def test_the_list_shows_the_rows(rejected: list[str], kpi: Kpi) -> None:
    both = kpi("rejects", "list")
    one = kpi("rejects", "list", "--reason", "site_id_unknown")

    assert "[red]Brasil[/red]" in both.out
    assert "∅" in both.out or "purchase_price_missing" in both.out
    assert "100014" in both.out
    assert "100014" not in one.out
    assert rejected[0] not in kpi("rejects", "list", "--limit", "1").out


def test_programs_get_every_value_whole(rejected: list[str], kpi: Kpi) -> None:
    by_reason = json.loads(kpi("rejects", "--format", "json").out)
    rows = json.loads(kpi("rejects", "list", "--format", "json").out)
    lines = list(csv.DictReader(StringIO(kpi("rejects", "list", "--format", "csv").out)))

    assert {found["reason"]: found["rows"] for found in by_reason} == {
        "site_id_unknown": 1,
        "purchase_price_missing": 1,
    }
    no_price, bad_site = rows
    assert (no_price["raw_id"], no_price["purchase_price"]) == (int(rejected[1]), "")
    assert [bad_site[column] for column in RAW_COLUMNS] == BAD_SITE.split(",")
    assert lines == [{name: str(value) for name, value in row.items()} for row in rows]


@pytest.mark.usefixtures("warehouse")
def test_programs_get_no_sentence_where_there_is_no_row(kpi: Kpi) -> None:
    assert kpi("rejects", "--format", "json").out == "[]\n"
    header = ("raw_id", "source_name", "source_row_number", "reasons", *RAW_COLUMNS)
    assert kpi("rejects", "list", "--format", "csv").out.strip().replace('"', "") == ",".join(
        header
    )
    misplaced = kpi("rejects", "--format", "csv", "list")
    assert (misplaced.code, misplaced.sentence) == (2, "kpi: Write --format after list.")


@pytest.mark.usefixtures("rejected")
def test_on_a_terminal_of_80_columns_each_value_can_be_read(columns_80: Kpi) -> None:
    shown = columns_80("rejects", "list")

    assert max(map(len, shown)) <= 80
    for cell in (*BAD_SITE.split(","), "delivery.csv", "purchase_price_missing"):
        assert any(line.split()[-1:] == [cell] for line in shown), cell


def test_dismiss_by_row_then_the_rest_by_reason(
    rejected: list[str], kpi: Kpi, db: Connection
) -> None:
    first = kpi("rejects", "dismiss", rejected[0], "--why", "test site", "--by", "ana")
    second = kpi("rejects", "dismiss", "--reason", "purchase_price_missing", "--why", "no price")

    assert [first.out, second.out] == ["Dismissed 1 row.\n"] * 2
    assert kpi("rejects").out == "There is no open reject.\n"
    rows = db.execute("SELECT resolution FROM dqm.bt_crypto_events_rejects ORDER BY raw_id")
    resolutions = [row["resolution"] for row in rows]
    assert resolutions[0] == "dismissed by ana: test site"
    assert resolutions[1].endswith(": no price")
    again = kpi("rejects", "dismiss", rejected[0], "--why", "again")
    assert (again.code, "No open reject has raw_id" in again.sentence) == (2, True)


def test_correct_stores_a_copy_and_says_what_to_do(
    rejected: list[str], kpi: Kpi, db: Connection
) -> None:
    said = kpi("rejects", "correct", rejected[1], "purchase_price=1.5", "--why", "asked them")

    (copy,) = db.execute(
        "SELECT raw_id, purchase_price FROM raw.bt_crypto_transaction_history"
        " WHERE source_name = %s",
        [f"correction of raw row {rejected[1]}"],
    ).fetchall()
    assert copy["purchase_price"] == "1.5"
    assert said.out == (
        f"Raw row {copy['raw_id']} is the corrected copy, dated 9/3/2025. "
        "Publish it with kpi replay.\n"
    )


def test_a_wrong_column_is_named(rejected: list[str], kpi: Kpi) -> None:
    said = kpi("rejects", "correct", rejected[0], "site=BRASIL", "--why", "typo")

    assert said.code == 2
    assert said.sentence.startswith("kpi: site cannot be set. Columns of a raw row: site_id, ")
