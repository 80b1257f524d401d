"""A file of users to score is checked as the pipeline checks its sources."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.users_file import COLUMNS
from flows.churn.features.users_file import read_users as read_users_file
from flows.errors import BadInput
from flows.settings import Settings

HEADER = ",".join(["user_id", *FEATURE_NAMES])


def read_users(settings: Settings, path: Path) -> "pd.DataFrame":
    """Return the users of a file."""
    return read_users_file(settings, path).users


def write(folder: Path, *rows: dict[str, str], header: str = HEADER) -> Path:
    """Write a file of users; what a row does not say is unknown."""
    path = folder / "users.csv"
    lines = [",".join(row.get(name, "") for name in header.split(",")) for row in rows]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_features_are_floats_and_an_empty_cell_is_unknown(
    churn_settings: Settings, tmp_path: Path
) -> None:
    rows = {"user_id": "7", "age": "40", "discounted_share": "0.333333333"}, {"user_id": "5"}
    users = read_users(churn_settings, write(tmp_path, *rows))
    assert users["user_id"].tolist() == [7, 5]
    assert list(users.columns) == [column.name for column in COLUMNS]
    assert set(users[list(FEATURE_NAMES)].dtypes) == {np.dtype("float64")}
    assert users.loc[0, ["age", "discounted_share"]].tolist() == [40, 0.333333333]
    assert users.loc[1, list(FEATURE_NAMES)].isna().all()


def test_columns_come_in_any_order_and_others_are_left_alone(
    churn_settings: Settings, tmp_path: Path
) -> None:
    header = ",".join(["note", *reversed(HEADER.split(","))])
    row = {"user_id": "1", "age": "33", "note": "x"}
    users = read_users(churn_settings, write(tmp_path, row, header=header))
    assert users.loc[0, "age"] == 33
    assert "note" not in users


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ({"age": "old"}, "column age: 1 cell is no whole number (row 1 'old')"),
        ({"age": "131"}, "column age: 1 cell is above 130 (row 1 '131')"),
        ({"payments_last_7d": "-1"}, "column payments_last_7d: 1 cell is below 0 (row 1 '-1')"),
        ({"payments_sum": "inf"}, "column payments_sum: 1 cell is no number (row 1 'inf')"),
        ({"payments_sum": "1e999"}, "column payments_sum: 1 cell is no number (row 1 '1e999')"),
        ({"discounted_share": "1.1"}, "column discounted_share: 1 cell is above 1 (row 1 '1.1')"),
        ({"has_card": "2"}, "column has_card: 1 cell is above 1 (row 1 '2')"),
        ({"user_id": ""}, "column user_id: 1 cell is missing (row 1)"),
    ],
)
def test_a_bad_cell_is_named(
    churn_settings: Settings, tmp_path: Path, cell: dict[str, str], complaint: str
) -> None:
    path = write(tmp_path, {"user_id": "1"} | cell)
    with pytest.raises(BadInput) as error:
        read_users(churn_settings, path)
    assert error.value.in_full == f"users.csv: {complaint}. Rows are counted without the header."


def test_a_line_with_other_fields_is_named(churn_settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path, {"user_id": "1"}, {"user_id": "2", "has_card": "0,5"})
    with pytest.raises(BadInput) as error:
        read_users(churn_settings, path)
    assert error.value.in_full == (
        "users.csv: 1 row has more fields than the header (row 2). "
        "Rows are counted without the header."
    )


def test_a_user_with_two_rows_that_differ_is_named(
    churn_settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path, {"user_id": "1"}, {"user_id": "2"}, {"user_id": "1", "age": "30"})
    with pytest.raises(BadInput) as error:
        read_users(churn_settings, path)
    assert error.value.in_full == (
        "users.csv: column age: 1 user has rows that say different things (row 3: user 1); all "
        "rows of a user must say the same. "
        "Rows are counted without the header."
    )


def test_a_row_that_repeats_another_one_is_left_out(
    churn_settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path, {"user_id": "1"}, {"user_id": "2"}, {"user_id": "1", "age": "N/A"})
    file = read_users_file(churn_settings, path)
    assert file.users["user_id"].tolist() == [1, 2]
    assert file.told == ["1 row repeats another one: left out."]


def test_whole_numbers_of_pandas_are_read(churn_settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path, {"user_id": "1", "age": "30.0"}, {"user_id": "2", "age": "nan"})
    assert read_users(churn_settings, path)["age"].tolist() == pytest.approx(
        [30, np.nan], nan_ok=True
    )


def test_a_missing_feature_is_named(churn_settings: Settings, tmp_path: Path) -> None:
    header = HEADER.replace(",age,", ",")
    with pytest.raises(BadInput, match=r"^users\.csv, line 1: the header lacks 'age'; expected "):
        read_users(churn_settings, write(tmp_path, {"user_id": "1"}, header=header))
