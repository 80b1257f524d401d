"""A file in, its scores out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.churn_model.scorer import Heuristic
from app.churn_model.uploads.upload import check_rows, read_upload, score, template
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.model.training_users import describe_users
from flows.errors import BadInput
from flows.settings import Settings
from flows.settings.churn import ChurnSettings
from tests.churn.handmade_models import MODELS, users


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.model_validate({"home": tmp_path / "kpi"})


def test_the_template_is_a_file_that_scores(home: Settings) -> None:
    table = read_upload(home, "users.csv", template(ChurnSettings()).encode()).users
    assert table["user_id"].tolist() == [1, 2]
    assert table[list(FEATURE_NAMES)].isna().all(axis=None)
    found = score(table, Heuristic(), "heuristic, not a model")
    assert found["churn_probability"].tolist() == [0.5, 0.5]


def test_the_template_has_a_typical_user_of_the_model(home: Settings) -> None:
    described = describe_users(users(), MODELS["best"])
    table = read_upload(home, "users.csv", template(ChurnSettings(), described).encode()).users
    known = table.loc[0].dropna().drop("user_id")
    assert list(known.index) == ["mau_mp_1", "login_recency_days", "age"]
    assert (users()[known.index] == known).all(axis=1).any()


def test_a_file_need_not_have_what_is_left_out_and_it_is_not_read(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"home": tmp_path, "churn": {"sensitive_features": "leave_out"}}
    )
    content = template(settings.churn)
    assert not {"age", "gender_is_female"} & set(content.splitlines()[0].split(","))
    table = read_upload(settings, "users.csv", content.encode()).users
    assert table.columns.tolist() == ["user_id", *FEATURE_NAMES]

    older = users().drop(columns=["churned", "in_holdout", "in_validation"])
    read = read_upload(settings, "users.csv", older.to_csv(index=False).encode()).users
    assert read["age"].isna().all()
    assert read["mau_mp_1"].tolist() == older["mau_mp_1"].tolist()


def test_a_file_has_the_scores_of_its_users_in_its_order(home: Settings) -> None:
    table = users().drop(columns=["weight", "churned", "in_holdout", "in_validation"])
    shuffled = table.sample(frac=1, random_state=5)
    content = shuffled.assign(note="=1+1").to_csv(index=False).encode()

    found = score(read_upload(home, "users.csv", content).users, MODELS["best"], "version 3")

    assert found["user_id"].tolist() == shuffled["user_id"].tolist()
    expected = MODELS["best"].probabilities(shuffled)
    assert np.abs(found["churn_probability"] - expected).max() < 1e-6
    assert found["counts_as_churning"].tolist() == (expected >= 0.5).astype(int).tolist()
    assert set(found["strongest_driver"]) <= {"mau_mp_1", "login_recency_days", "age"}
    assert set(found["scored_by"]) == {"version 3"}
    assert "=1+1" not in found.to_csv()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.csv", "C:\\users.csv", "x" * 400 + ".CSV", "ñ" * 200, "", "..", "a\0b.csv"],
)
def test_whatever_the_file_is_called(home: Settings, name: str) -> None:
    assert len(read_upload(home, name, template(ChurnSettings()).encode()).users) == 2


def test_the_error_names_the_uploaded_file(home: Settings) -> None:
    content = template(ChurnSettings()).replace("user_id,", "", 1).encode()
    with pytest.raises(BadInput, match=r"^march users\.csv, line 1: the header lacks 'user_id'; "):
        read_upload(home, "march users.csv", content)


def test_every_row_of_a_large_file_is_scored(home: Settings) -> None:
    table = pd.concat([users()] * 40, ignore_index=True)[["user_id", *FEATURE_NAMES]]
    table["user_id"] = range(len(table))
    content = table.to_csv(index=False).encode()
    uploaded = read_upload(home, "u.csv", content).users
    assert len(score(uploaded, MODELS["good"], "")) == 20_000


@pytest.mark.parametrize(
    "content",
    [
        "user_id\n" + "1\n" * 12_345,
        "user_id\r\n" + "1\r\n" * 12_345,
        "user_id\r" + "1\r" * 12_345,
        "user_id\n" + "1\n\n" * 12_344 + "1",
        "user_id,note\n" + '1,"a\nb"\n' * 12_345,
    ],
    ids=["lines", "of Windows", "of old Macs", "empty lines", "lines in cells"],
)
def test_a_file_with_too_many_rows_is_told_before_the_work(content: str) -> None:
    check_rows("march.csv", content.encode(), 12_345)
    with pytest.raises(BadInput) as raised:
        check_rows("march.csv", content.encode(), 12_344)
    assert str(raised.value).startswith(
        "march.csv has 12,345 rows; the app scores at most 12,344 (KPI_UPLOAD_ROWS) at a time."
    )


def test_rows_that_repeat_another_one_are_told(home: Settings) -> None:
    lines = template(ChurnSettings()).splitlines(keepends=True)
    file = read_upload(home, "users.csv", "".join([*lines, lines[1]]).encode())
    assert file.users["user_id"].tolist() == [1, 2]
    assert file.told == ["1 row repeats another one: left out."]
