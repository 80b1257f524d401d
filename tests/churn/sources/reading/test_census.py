"""What cells say in other words: counted, told, and read as the contract says."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.churn.planning import plan_training
from flows.churn.sources.clean_raw_sources import cleaned_sources, report_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver

Rows = Callable[[str], list[tuple[Any, ...]]]


def test_words_for_nothing_are_missing_and_counted(
    churn_settings: Settings, rows: Rows, tmp_path: Path
) -> None:
    deliver(
        tmp_path,
        DEMOGRAFICOS=["1,nan,NULL,none,N/A", "2,-, Null ,NONE,\\N", "3,,,-,None"],
        PAYMENTS=["2026-02-01,NaN,1,1,null,<NA>", "2026-06-30,7,2,1,Instore,1"],
    )

    # In CARD_TYPE, None is a value: no card.
    assert rows("DEMOGRAFICOS") == [
        (1, None, None, "None", None),
        (2, None, None, "None", None),
        (3, None, None, None, None),
    ]
    assert rows("PAYMENTS")[0] == (date(2026, 2, 1), None, 1, Decimal(1), None, None)
    found = cleaned_sources(churn_settings, plan_training(churn_settings, AS_OF, run_id="run"))
    assert found.nothing == {
        "PAYMENTS.CUS_CUST_ID_SEL": 1,
        "PAYMENTS.TPV_SEGMENT_DETAIL": 1,
        "PAYMENTS.DESCUENTO": 1,
        "DEMOGRAFICOS.AGE": 2,
        "DEMOGRAFICOS.GENDER": 2,
        "DEMOGRAFICOS.CARD_TYPE": 1,
        "DEMOGRAFICOS.CITY": 3,
    }


def test_a_word_that_the_contract_does_not_declare_is_told(
    rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(tmp_path, DEMOGRAFICOS=["1,30,F,Credit,desconocido", "2,30,F,?,?"])
    assert [row[-1] for row in rows("DEMOGRAFICOS")] == ["desconocido", "?"]
    assert "DEMOGRAFICOS.csv: column CITY: 2 say '?' or the like, which the" in caplog.text


def test_values_that_the_contract_does_not_know_are_missing_and_counted(
    churn_settings: Settings, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(tmp_path, DEMOGRAFICOS=["1,,U,,", "2,,X,,", "3,,M,,"], DINERO_CUENTA=["1,,,Retired"])
    assert [row[2] for row in rows("DEMOGRAFICOS")] == [None, None, "M"]
    assert rows("DINERO_CUENTA") == [(1, None, None, None)]
    run = plan_training(churn_settings, AS_OF, run_id="run")
    assert cleaned_sources(churn_settings, run).unknown_values == {
        "DEMOGRAFICOS.GENDER": 2,
        "DINERO_CUENTA.INVERSION": 1,
    }
    assert "column GENDER: 2 count as missing, being none of F, M." in caplog.text
    [files, _] = report_sources(churn_settings, run)
    assert "GENDER 2" in str(files)


def test_whole_numbers_may_all_end_in_a_zero_after_the_point(
    rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(tmp_path, DEMOGRAFICOS=["1.0,30.0,F,,", "2.00,,F,,"])
    assert [row[:2] for row in rows("DEMOGRAFICOS")] == [(1, 30), (2, None)]
    assert "column CUS_CUST_ID_BUY writes whole numbers as 12.0: read as 12." in caplog.text


def test_one_number_among_others_may_not(rows: Rows, tmp_path: Path) -> None:
    deliver(tmp_path, DEMOGRAFICOS=["1,30,F,,", "12348.0,,F,,"])
    with pytest.raises(BadInput, match=r"CUS_CUST_ID_BUY: 1 cell is no whole number \(row 2\)"):
        rows("DEMOGRAFICOS")


def test_rows_that_repeat_another_one_are_left_out_and_counted(
    churn_settings: Settings, rows: Rows, tmp_path: Path
) -> None:
    again = ROWS["PAYMENTS"][0]
    deliver(
        tmp_path,
        DEMOGRAFICOS=["2,41,M,None,", "1,30,F,,Lima", "2,41, M,none,-", "1,30,F,,Lima"],
        PAYMENTS=[again, *ROWS["PAYMENTS"]],
    )
    assert rows("DEMOGRAFICOS") == [(2, 41, "M", "None", None), (1, 30, "F", None, "Lima")]
    found = cleaned_sources(churn_settings, plan_training(churn_settings, AS_OF, run_id="run"))
    assert found.rows["DEMOGRAFICOS"] == found.repeated_rows["DEMOGRAFICOS"] == 2
    # A user may pay the same twice on a day.
    assert (found.rows["PAYMENTS"], found.repeated_rows["PAYMENTS"]) == (5, 0)
