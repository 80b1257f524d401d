"""Checked sources: every value as it was delivered, whatever the file's habits."""

import csv
import logging
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from flows.churn.folders import churn_runs
from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import (
    clean_folder,
    clean_raw_sources,
    cleaned_sources,
)
from flows.churn.sources.contract import NOTHING, SOURCE_FILES
from flows.churn.sources.deliveries.delivery import content_hashes
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, CUTOFF, HEADERS, ROWS, deliver

Row = tuple[Any, ...]
INVESTMENTS = ("Investing", "Eligible", "Elegible", "Warmup", "Pending")
Rows = Callable[[str], list[Row]]


def write(folder: Path, name: str, content: str | bytes) -> None:
    path = deliver(folder) / f"{name}.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_what_it_found(churn_settings: Settings, tmp_path: Path) -> None:
    run = plan_training(churn_settings, source=deliver(tmp_path))
    found = clean_raw_sources(churn_settings, run)
    assert (run.as_of, run.cutoff) == (AS_OF, CUTOFF)
    assert found.folder == str(tmp_path)
    assert found.rows == {name: len(lines) for name, lines in ROWS.items()}
    assert found.sha256 == content_hashes(tmp_path)
    assert found.true_as_of == dict.fromkeys(list(ROWS)[1:], CUTOFF)
    assert (found.first_payment_on, found.last_payment_on) == (date(2026, 2, 1), AS_OF)
    assert (found.unknown_users, found.left_out, found.extra_columns) == (0, [], {})
    assert cleaned_sources(churn_settings, run) == found


def test_no_checked_sources_before_the_step_ran(churn_settings: Settings, tmp_path: Path) -> None:
    run = plan_training(churn_settings, source=deliver(tmp_path), run_id="mine")
    with pytest.raises(BadInput, match=r"^Run mine has no checked sources\. Start the run again"):
        cleaned_sources(churn_settings, run)


def test_cells_become_values(rows: Rows, tmp_path: Path) -> None:
    deliver(tmp_path)
    assert rows("PAYMENTS")[0] == (date(2026, 2, 1), 7, 1, Decimal(10), "Instore", None)
    assert rows("ACTIVE_USER")[:2] == [(1, 9, 8, 7, date(2026, 5, 30)), (2, 0, 3, 0, None)]
    assert rows("DEMOGRAFICOS")[1:] == [(2, 41, "M", "None", None), (3, None, None, None, None)]
    assert rows("DINERO_CUENTA")[0] == (1, Decimal("150.25"), Decimal("99.5"), "Investing")
    assert rows("MARKETPLACE_DATA")[0] == (1, Decimal("80.1"), date(2026, 5, 1), 3)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("CITY,GENDER,CUS_CUST_ID_BUY,CARD_TYPE,AGE\nLima,F,1,None,30\n", id="order"),
        pytest.param(f"\ufeff{HEADERS['DEMOGRAFICOS']}\n1,30,F,None,Lima\n", id="byte order mark"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']}\r\n1,30,F,None,Lima\r\n", id="CR LF"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']}\n1,30,F,None,Lima", id="no last line end"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']}\n1,30,F,None,Lima\n\n", id="blank line"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']}\n 1 ,30.0, F,None\t,\u00a0Lima\n", id="blanks"),
        pytest.param(f'{HEADERS["DEMOGRAFICOS"]}\n"1","30","F","None","Lima"\n', id="quotes"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']},\n1,30,F,None,Lima,0\n", id="nameless column"),
        pytest.param(f"{HEADERS['DEMOGRAFICOS']},age\n1,30,F,None,Lima,x\n", id="small letters"),
    ],
)
def test_habits_of_files_that_make_no_difference(content: str, rows: Rows, tmp_path: Path) -> None:
    write(tmp_path, "DEMOGRAFICOS", content)
    assert rows("DEMOGRAFICOS") == [(1, 30, "F", "None", "Lima")]


def test_quoted_cells_may_hold_commas_quotes_and_lines(rows: Rows, tmp_path: Path) -> None:
    deliver(tmp_path, DEMOGRAFICOS=['1,30,F,Credit,"a, ""b""\nc"', "2,,,,"])
    assert rows("DEMOGRAFICOS")[0] == (1, 30, "F", "Credit", 'a, "b"\nc')


def test_columns_beyond_the_contract_are_listed(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = f"X,{HEADERS['DEMOGRAFICOS']},Y\n0,1,30,F,None,Lima,\n"
    write(tmp_path, "DEMOGRAFICOS", content)
    found = clean_raw_sources(churn_settings, plan_training(churn_settings, source=tmp_path))
    assert found.extra_columns == {"DEMOGRAFICOS": ["X", "Y"]}
    assert "DEMOGRAFICOS.csv has columns that nothing reads: X, Y." in caplog.text


def test_a_column_may_be_empty_as_a_whole(rows: Rows, tmp_path: Path) -> None:
    deliver(tmp_path, DEMOGRAFICOS=["1,,,,", "2,,,,"], DINERO_CUENTA=["1,,,"])
    assert rows("DEMOGRAFICOS") == [(user, None, None, None, None) for user in (1, 2)]
    assert rows("DINERO_CUENTA") == [(1, None, None, None)]


def test_users_who_only_pay_are_counted(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = [f"2026-06-0{day},7,{user},1,," for day, user in ((1, 8), (2, 9), (3, 9))]
    deliver(tmp_path, PAYMENTS=[*ROWS["PAYMENTS"], *unknown])
    found = clean_raw_sources(churn_settings, plan_training(churn_settings, source=tmp_path))
    assert (found.unknown_users, found.payments_of_unknown_users) == (2, 3)
    told = "column CUS_CUST_ID_BUY: left out, being in no other file: 2 users (3 payments)."
    assert told in caplog.text


def texts() -> st.SearchStrategy[str | None]:
    signs = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    # Words that mean something to a text's reader have tests of their own.
    words = st.text(signs, max_size=20).map(lambda text: text.strip(" \t\u00a0") or None)
    return words.filter(lambda text: text is None or text.lower() not in NOTHING)


def amounts(minimum: int) -> st.SearchStrategy[Decimal | None]:
    return st.none() | st.decimals(minimum, 10**14 - 1, places=4)


BIG = 2**63 - 1
WHOLE = st.none() | st.integers(0, BIG)
DAY = st.none() | st.dates(date(1900, 1, 2), CUTOFF)


def users(*cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    row = st.tuples(st.integers(-BIG, BIG), *cells)
    return st.lists(row, min_size=1, max_size=20, unique_by=lambda row: row[0])


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)
@given(
    active=users(WHOLE, WHOLE, WHOLE, DAY),
    people=users(
        st.none() | st.integers(0, 130), st.sampled_from([None, "F", "M"]), texts(), texts()
    ),
    money=users(
        amounts(-(10**14) + 1), amounts(-(10**14) + 1), st.sampled_from([None, *INVESTMENTS])
    ),
    market=users(amounts(0), DAY, WHOLE),
)
@example(
    active=[(-1, BIG, 2**53 + 1, 0, date(1900, 1, 2))],
    people=[(1, 0, None, "0", "Nulls"), (2, 130, "F", "None", "\\n1"), (3, 1, None, "a\r\nb", '"')],
    money=[(1, Decimal("0.0001"), Decimal("-99999999999999.9999"), None)],
    market=[(1, Decimal(0), None, None)],
)
def test_every_value_reads_back_as_it_was_written(
    make_churn_settings: Callable[..., Settings],
    tmp_path: Path,
    active: list[Row],
    people: list[Row],
    money: list[Row],
    market: list[Row],
) -> None:
    deliver(tmp_path)
    written = {
        "ACTIVE_USER": active,
        "DEMOGRAFICOS": people,
        "DINERO_CUENTA": money,
        "MARKETPLACE_DATA": market,
    }
    for name, values in written.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADERS[name].split(","), *values])
    settings = make_churn_settings(min_known_share=0)
    run = plan_training(settings, AS_OF, source=tmp_path, run_id="run")
    clean_raw_sources(settings, run)
    for name, values in written.items():
        table = pq.read_table(clean_folder(settings, run) / f"{name}.parquet")
        assert [tuple(row.values()) for row in table.to_pylist()] == values


def test_amounts_are_read_to_four_decimals(rows: Rows, tmp_path: Path) -> None:
    deliver(tmp_path, DINERO_CUENTA=["1,1.23456,-.5,"])
    assert rows("DINERO_CUENTA") == [(1, Decimal("1.2346"), Decimal("-0.5"), None)]


def test_only_the_latest_runs_are_kept(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_churn_settings(keep_runs=3)
    deliver(tmp_path)
    for run_id in ("a/b", "..", "c", "d", "d"):
        clean_raw_sources(settings, plan_training(settings, source=tmp_path, run_id=run_id))
    kept = [folder.name for folder in churn_runs(settings).iterdir()]
    assert sorted(kept) == ["%2E%2E", "c", "d"]


def test_the_log_says_what_was_checked(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clean_raw_sources(churn_settings, plan_snapshot(churn_settings, source=deliver(tmp_path)))
    assert "Checked PAYMENTS (4 rows), ACTIVE_USER (3 rows)" in caplog.text
    assert [file.name for file in SOURCE_FILES] == list(ROWS)
